import { expect } from "chai";
import type { CommandIo } from "../../../core/commands/command.ts";
import { decideAt, ignoredLines, requestText } from "../../../core/commands/trust-words.ts";
import type { TrustRequest } from "../../../core/trust/request.ts";

const request: TrustRequest = {
  project: "/p",
  file: "/p/.clocherc.json",
  hash: "abc",
  asks: [{ key: "egress.allow", path: ["egress", "allow"], value: ["evil.example"], file: "/p/.clocherc.json" }],
  code: [{ specifier: "./.t/x.mjs", entry: ".t/x.mjs", files: [{ path: ".t/x.mjs", text: "" }, { path: ".t/y.mjs", text: "" }], hash: "h" }],
  problems: [],
  cameIn: "sly-fox",
  since: undefined,
};

/** A user at a terminal who gives these answers, and what he saw. */
function user(...answers: readonly boolean[]) {
  const seen: string[] = [];
  const left = [...answers];
  const io = { warn: (line: string) => void seen.push(line), ask: async (question: string) => (seen.push(question), left.shift() ?? false) } as unknown as CommandIo;
  return { io, seen };
}

describe("Asking the user what he thinks of a project", () => {
  it("shows all of it before it asks, with what would run on the host and the session that it came in", async () => {
    const { io, seen } = user(true);
    expect(await decideAt(io, request)).to.equal("accepted");
    const shown = seen.slice(0, -1).join("\n");
    expect(shown).to.include('egress.allow: ["evil.example"]').and.include("run the plugin ./.t/x.mjs on this host, as you: .t/x.mjs, .t/y.mjs").and.include("the session sly-fox").and.include("abc");
    expect(seen.at(-1)).to.include("Grant this");
  });

  it("takes a no for now, and for good only when that is said", async () => {
    expect(await decideAt(user(false, true).io, request)).to.equal("refused");
    expect(await decideAt(user(false, false).io, request)).to.equal("later");
  });
});

describe("What has changed since the last answer", () => {
  it("is shown with it, and nothing where there was no answer", () => {
    const since = { answer: "accepted", at: "2026-02-03T04:05:06Z", changes: ["changed code: .t/x.mjs"] } as const;
    expect(requestText({ ...request, since }).join("\n")).to.include("You granted something else on 2026-02-03. What has changed:\n    changed code: .t/x.mjs");
    expect(requestText({ ...request, since: { ...since, answer: "refused" } }).join("\n")).to.include("You refused something else");
    expect(requestText(request).join("\n")).to.not.include("changed");
  });
});

describe("What is said of what is not in force", () => {
  const considered = { request, kept: undefined, layer: { source: { kind: "project", where: "" }, values: {} }, plugins: [] } as const;

  it("names it and the ways to grant it, unless it was answered", () => {
    expect(ignoredLines({ ...considered, answer: "none" }).join("\n")).to.include("cloche trust accept abc").and.include("--trust abc");
    expect(ignoredLines({ ...considered, answer: "none" }).join("\n")).to.include("evil.example");
    expect(ignoredLines({ ...considered, answer: "none" }, true)).to.have.length(1).and.to.have.property("0").that.includes("It is not in force").and.includes("cloche trust accept abc");
    expect(ignoredLines({ ...considered, answer: "refused" })).to.deep.equal([]);
    expect(ignoredLines({ ...considered, answer: "accepted" })).to.deep.equal([]);
    expect(ignoredLines(undefined)).to.deep.equal([]);
  });

  it("says why something cannot be granted, and then not how to", () => {
    const lines = ignoredLines({ ...considered, request: { ...request, problems: ["x.mjs is a link."] }, answer: "none" }).join("\n");
    expect(lines).to.include("cannot be granted: x.mjs is a link.").and.not.include("trust accept");
  });

  it("says what one would not guess of a baked step", () => {
    const ask = (bake: boolean) => ({ key: "provision", path: ["provision"], value: [{ run: "x" }, { run: "y", bake }], file: "f" });
    expect(requestText({ ...request, asks: [ask(true)] }).join("\n")).to.include("in the network of this host");
    expect(requestText({ ...request, asks: [ask(false)] }).join("\n")).to.not.include("network of this host");
  });

  it("says how much it leaves out of what is long", () => {
    const long = { ...request, asks: [{ ...request.asks[0]!, value: "x".repeat(10_000) }] };
    expect(requestText(long).join("\n")).to.include("… (8002 characters more; read the file before you grant it)");
  });
});
