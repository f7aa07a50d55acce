import { expect } from "chai";
import fc from "fast-check";
import { Home } from "./fixture.ts";
import { fillMaximal, GOOD, Markers } from "./maximal.ts";

function crossing(home: Home, markers: Markers, options: object, env: Readonly<Record<string, string>>): readonly string[] {
  const { files } = home.stage(options, env);
  const all = files.map(({ path, content }) => `${path}\n${Buffer.from(content).toString("latin1")}`).join("\n");
  return [...markers.all].filter(([marker]) => all.includes(marker)).map(([, where]) => where).sort();
}

describe("A marker in every string of a maximal configuration", () => {
  it("crosses where it is meant to, and nowhere else", () => {
    using home = new Home();
    const markers = new Markers();
    const env = fillMaximal(home, markers);
    expect(markers.all.size).to.be.greaterThan(350);
    expect(crossing(home, markers, {}, env)).to.deep.equal(GOOD);
  });

  it("crosses no more with the MCP servers named, but for what starts them", () => {
    using home = new Home();
    const markers = new Markers();
    const env = fillMaximal(home, markers);
    const more = ["state.mcpServers.one.command", "state.mcpServers.one.args[0]", "state.mcpServers.one.args[1]", "this project.mcpServers.three.command", "this project.mcpServers.three.args[0]", "this project.mcpServers.three.args[1]"];
    expect(crossing(home, markers, { mcpServers: ["one", "two", "three"] }, env)).to.deep.equal([...GOOD, ...more].sort());
  });

  it("crosses not at all when every kind is switched off", () => {
    using home = new Home();
    const markers = new Markers();
    const env = fillMaximal(home, markers);
    const off = Object.fromEntries(["settings", "memory", "commands", "agents", "skills", "outputStyles", "keyBindings", "plugins", "preferences", "git"].map((kind) => [kind, false]));
    expect(crossing(home, markers, off, env)).to.deep.equal([]);
  });

  it("does not cross from whatever else is written into settings and state", () => {
    const leaf = fc.oneof(fc.constant(""), fc.boolean(), fc.integer(), fc.constant(null));
    const key = fc.oneof(fc.constantFrom("env", "hooks", "command", "url", "headers", "apiKeyHelper", "token", "mcpServers", "projects", "__proto__", "constructor"), fc.string({ maxLength: 8 }));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie("tree"), { maxLength: 3 }), fc.dictionary(key, tie("tree"), { maxKeys: 5 })),
    }));
    const taken = new Set(["model", "outputStyle", "language", "attribution", "permissions", "availableModels"]);
    fc.assert(fc.property(fc.dictionary(key.filter((name) => !taken.has(name)), tree, { maxKeys: 6 }), (values) => {
      using home = new Home();
      const markers = new Markers();
      home.write(".claude/settings.json", markers.in(values, "settings"));
      home.write(".claude.json", markers.in(values, "state"));
      expect(crossing(home, markers, {}, {})).to.deep.equal([]);
    }), { numRuns: 150 });
  });
});
