import { expect } from "chai";
import fc from "fast-check";
import { AddressBook } from "../../../../../plugins/egress/addresses/address-book.ts";
import type { Decision } from "../../../../../plugins/egress/gateway/audit.ts";
import { readQuery } from "../../../../../plugins/egress/gateway/dns/query.ts";
import { makeResponder } from "../../../../../plugins/egress/gateway/dns/responder.ts";
import { policyAllowing } from "../../support/policy.ts";
import { makeQuery, readAnswer, RECORD } from "../../support/dns-client.ts";

function responder() {
  const decisions: Decision[] = [];
  const policy = policyAllowing("allowed.test", "other.test");
  const respond = makeResponder(policy, new AddressBook([]), { record: (decision) => decisions.push(decision) });
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
      for (const type of [RECORD.A, RECORD.TXT]) {
        expect(ask(name, type), name).to.deep.equal({ code: 5, addresses: [], extended: { code: 18, text: "cloche: egress.allow does not name this host" } });
      }
    }
    expect(ask("denied.test", RECORD.A, false)).to.deep.equal({ code: 5, addresses: [], extended: undefined });
    expect(decisions.map(({ name }) => name)).to.have.length(8); // once for each name, however often it is asked for
    expect(decisions[0]).to.deep.equal({ kind: "name", name: "denied.test", verdict: "refused", why: "no rule names this host" });
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
