import { expect } from "chai";
import fc from "fast-check";
import { AddressBook } from "../../../../../plugins/egress/addresses/address-book.ts";
import type { Decision } from "../../../../../plugins/egress/gateway/audit.ts";
import { readQuery } from "../../../../../plugins/egress/gateway/dns/query.ts";
import { makeResponder } from "../../../../../plugins/egress/gateway/dns/responder.ts";
import { NewNames } from "../../../../../plugins/egress/gateway/dns/new-names.ts";
import { canonicalName } from "../../../../../plugins/egress/names/canonical-name.ts";
import { Policy } from "../../../../../plugins/egress/policy/policy.ts";
import type { PolicyWishes } from "../../../../../plugins/egress/service.ts";
import { policyData } from "../../support/policy.ts";
import { makeQuery, readAnswer, RECORD } from "../../support/dns-client.ts";

function responder(wishes: Partial<PolicyWishes> = { allow: ["allowed.test", "other.test"] }, book = new AddressBook([])) {
  const decisions: Decision[] = [];
  const policy = new Policy(policyData(wishes));
  const respond = makeResponder(policy, book, { record: (decision) => decisions.push(decision) });
  return { decisions, respond, ask: (name: string, type: number, extended = true) => {
    const query = makeQuery(name, type, { extended });
    const answer = respond(query);
    if (!answer) throw new Error("no answer");
    return readAnswer(answer, query);
  } };
}

describe("The guest's DNS", () => {
  it("gives an allowed name the same address each time, another name another", () => {
    const { ask } = responder();
    expect(ask("allowed.test", RECORD.A)).to.deep.equal({ code: 0, addresses: ["198.18.0.2"], extended: undefined });
    expect(ask("other.test", RECORD.A).addresses).to.deep.equal(["198.18.0.3"]);
    expect(ask("ALLOWED.test", RECORD.A).addresses).to.deep.equal(["198.18.0.2"]);
  });

  it("has nothing else for an allowed name", () => {
    const { ask } = responder();
    for (const type of [RECORD.AAAA, RECORD.TXT, RECORD.HTTPS, RECORD.ANY, 12, 15, 33]) {
      expect(ask("allowed.test", type)).to.deep.equal({ code: 0, addresses: [], extended: undefined });
    }
  });

  it("says of every other name that it is prohibited, and why to those who can hear it", () => {
    const { ask, decisions } = responder();
    for (const name of ["denied.test", "x.allowed.test", "secret.allowed.test.evil.test", "1.0.0.127.in-addr.arpa", "localhost", "a\0b.test", "ex\u00e4mple.test", ""]) {
      const isName = /^[a-z0-9.-]+$/.test(name) && name !== "localhost";
      for (const type of [RECORD.A, RECORD.TXT]) {
        expect(ask(name, type), name).to.deep.equal({ code: 5, addresses: [], extended: { code: 18, text: `prohibited by cloche: ${isName ? "no rule names this host" : "not a host name"}` } });
      }
    }
    expect(ask("denied.test", RECORD.A, false)).to.deep.equal({ code: 5, addresses: [], extended: undefined });
    expect(decisions.map(({ name }) => name)).to.have.length(8); // once for each name, however often it is asked for
    expect(decisions[0]).to.deep.equal({ kind: "name", name: "denied.test", verdict: "refused", why: "no rule names this host" });
  });

  it("gives names below a wildcard addresses of their own when they are asked for, but not the name above", () => {
    const { ask } = responder({ allow: ["*.wild.test", "exact.wild.test"] });
    expect(ask("a.wild.test", RECORD.A).addresses).to.deep.equal(["198.18.0.2"]);
    expect(ask("b.c.wild.test", RECORD.A).addresses).to.deep.equal(["198.18.0.3"]);
    expect(ask("a.wild.test", RECORD.A).addresses).to.deep.equal(["198.18.0.2"]);
    expect(ask("wild.test", RECORD.A).code).to.equal(5);
  });

  it("gives every name an address at once when the user is asked, or egress is open", () => {
    for (const wishes of [{ ask: true }, { mode: "open" as const }]) {
      const { ask } = responder({ ...wishes, deny: ["bad.test"] });
      expect(ask("new.test", RECORD.A).addresses).to.deep.equal(["198.18.0.2"]);
      expect(ask("new.test", RECORD.AAAA)).to.deep.equal({ code: 0, addresses: [], extended: undefined });
      expect(ask("bad.test", RECORD.A).extended?.text).to.equal("prohibited by cloche: denied by egress.deny");
    }
    expect(responder({ mode: "off", allow: ["a.test"] }).ask("a.test", RECORD.A).extended?.text).to.equal("prohibited by cloche: egress is off");
  });

  it("slows down whoever makes up names, says so in the audit, and still answers for the names of rules", () => {
    const { ask, decisions } = responder({ allow: ["*.wild.test", "exact.test"] });
    const codes = Array.from({ length: 1000 }, (_, number) => ask(`secret-${number}.wild.test`, RECORD.A).code);
    expect(codes.slice(0, 200).every((code) => code === 0)).to.equal(true);
    expect(codes.filter((code) => code === 0).length).to.be.lessThan(220);
    expect(ask("other.wild.test", RECORD.A).extended?.text).to.equal("prohibited by cloche: too many new names at once");
    expect(decisions.some(({ name, why }) => name.endsWith(".wild.test") && why === "too many new names at once")).to.equal(true);
    expect(ask("secret-1.wild.test", RECORD.A).code).to.equal(0);
    expect(ask("exact.test", RECORD.A).code).to.equal(0);
  });

  it("lets the guest choose at most 64 characters in front of a wildcard's name", () => {
    const { ask } = responder({ allow: ["*.wild.test"] });
    expect(ask(`${"a".repeat(63)}.wild.test`, RECORD.A).code).to.equal(0);
    expect(ask(`${"a".repeat(62)}.b.wild.test`, RECORD.A).extended?.text).to.match(/too long/);
  });

  it("keeps half of the addresses for names of rules, however slowly the others are asked for", () => {
    let now = 0;
    const names = new NewNames(() => (now += 1_000));
    let given = 0;
    const name = canonicalName("a.test") ?? expect.fail("no name");
    for (let number = 0; number < 70_000; number += 1) if (names.take(name, undefined) === undefined) given += 1;
    expect(given).to.equal(65_536);
    expect(names.take(name, undefined)).to.equal("too many names were asked for in this session");
  });

  it("refuses a label with a dot in it, which would read as another name", () => {
    const { respond } = responder();
    const query = makeQuery("allowedXtest", RECORD.A);
    query[query.indexOf("X")] = ".".charCodeAt(0);
    expect((respond(query)?.[3] ?? 0) & 15).to.equal(1);
  });

  it("does not answer answers, nor what is too short for an id", () => {
    const { respond } = responder();
    const query = makeQuery("allowed.test", RECORD.A);
    expect(respond(query.subarray(0, 11))).to.equal(undefined);
    query[2] = 0x80;
    expect(respond(query)).to.equal(undefined);
  });

  it("answers what is malformed with an error: cut short, extended, two questions, compressed, another operation", () => {
    const { respond } = responder();
    const query = makeQuery("allowed.test", RECORD.A);
    const code = (message: Buffer) => (respond(message)?.[3] ?? 0) & 15;
    for (let length = 12; length < query.length; length += 1) expect(code(query.subarray(0, length)), `cut at ${length}`).to.equal(1);
    expect(code(Buffer.concat([query, Buffer.from([0])]))).to.equal(1);
    const changed = (at: number, value: number) => Object.assign(Buffer.from(query), { [at]: value });
    expect(code(changed(5, 2))).to.equal(1);
    expect(code(changed(7, 1))).to.equal(1);
    expect(code(changed(12, 0xc0))).to.equal(1);
    expect(code(changed(2, 0x28))).to.equal(4);
    expect(code(changed(query.length - 12, 3))).to.equal(5); // the class
  });

  it("survives any bytes, and answers at most one kilobyte", () => {
    const { respond } = responder();
    const mutated = fc.tuple(fc.nat(44), fc.nat(255)).map(([at, value]) => Object.assign(makeQuery("allowed.test", RECORD.A), { [at % 41]: value }));
    fc.assert(fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes))), (message) => {
      expect(respond(message)?.length ?? 0).to.be.lessThan(1024);
    }), { numRuns: 3000 });
  });

  it("reads back the name of any query that fits", () => {
    const label = fc.stringMatching(/^[!-\-/-~]{1,63}$/);
    fc.assert(fc.property(fc.array(label, { maxLength: 3 }), fc.nat(65_535), (labels, type) => {
      const reading = readQuery(makeQuery(labels.join("."), type));
      expect(reading).to.deep.include({ kind: "query" });
      if (reading.kind === "query") expect([reading.query.name, reading.query.type]).to.deep.equal([labels.join("."), type]);
    }));
  });
});
