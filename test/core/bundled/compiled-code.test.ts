import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Script } from "node:vm";
import { expect } from "chai";
import { CompiledCode } from "../../../core/bundled/compiled-code.ts";

// What is within a function is compiled when that runs: Node's own cache would not hold it.
const SOURCE = `(function () { function inner() { return [${Array.from({ length: 500 }, (_, index) => `"${index}" + new Date()`).join(", ")}]; } return inner(); })`;
let scripts = 0; // V8 remembers what it has compiled in the process, by its name
const scriptOf = (cachedData?: Buffer) => new Script(SOURCE, { filename: `${scripts++}.js`, ...(cachedData && { cachedData }) });

describe("Compiled code", () => {
  let home = "";
  const folder = () => join(home, "cloche/compiled");
  const files = () => readdirSync(folder());
  const open = (build = "one", kind = "ls") => new CompiledCode({ kind, build, env: { XDG_CACHE_HOME: home, HOME: "/nowhere" } });

  /** As the bundle does it in one start: opens the script, runs it, and counts its modules. */
  function start(code: CompiledCode, modules = 1, name = "main"): Script {
    const script = scriptOf(code.of(name));
    code.add(name, script);
    (script.runInThisContext() as () => unknown)();
    code.modules += modules;
    return script;
  }

  beforeEach(() => { home = mkdtempSync(join(tmpdir(), "cloche-compiled-")); });
  afterEach(() => {
    chmodSync(home, 0o700);
    rmSync(home, { recursive: true });
  });

  it("is kept for the next start, with the functions within functions that ran, for nobody else to read", () => {
    const first = open();
    expect(start(first).cachedDataRejected).to.equal(undefined);
    first.keep();
    const second = open();
    const kept = second.of("main");
    expect(start(second).cachedDataRejected).to.equal(false);
    expect(kept?.length).to.be.above(2 * scriptOf().createCachedData().length);
    expect(statSync(join(folder(), files()[0] ?? "")).mode & 0o777).to.equal(0o600);
  });

  it("is written anew when more has run than ever, and not when less has", () => {
    const written = (modules: number, ...names: readonly string[]): boolean => {
      const before = readdirSync(home).length === 0 ? "" : readFileSync(join(folder(), files()[0] ?? ""), "latin1");
      const code = open();
      for (const name of names) start(code, modules, name);
      code.keep();
      return readFileSync(join(folder(), files()[0] ?? ""), "latin1") !== before;
    };
    expect(written(5, "main")).to.equal(true);
    expect(written(4, "main")).to.equal(false);
    expect(written(5, "main")).to.equal(false);
    expect(written(6, "main")).to.equal(true);
    expect(written(1, "main", "zod")).to.equal(true);
    expect(files()).to.have.length(1);
  });

  it("is written anew when running a script took so long that its outermost function cannot have been there", () => {
    const first = open();
    start(first);
    first.keep();
    const file = join(folder(), files()[0] ?? "");
    const time = (): bigint => statSync(file, { bigint: true }).mtimeNs;
    const isWritten = (ms: number): boolean => {
      const before = time();
      const code = open();
      code.run(new Script(`for (const end = performance.now() + ${ms}; performance.now() < end; );`));
      code.keep();
      return time() !== before;
    };
    // on a loaded host one may be made to wait
    expect([1, 2, 3, 4, 5].some(() => !isWritten(0))).to.equal(true);
    expect(isWritten(30)).to.equal(true);
  });

  it("is written once in a process", () => {
    const code = open();
    start(code);
    code.keep();
    rmSync(folder(), { recursive: true });
    start(code, 100);
    code.keep();
    expect(readdirSync(join(home, "cloche"))).to.deep.equal([]);
  });

  it("serves its own build and kind only", () => {
    const code = open();
    start(code);
    code.keep();
    expect(open().of("main")).not.to.equal(undefined);
    expect(open().of("zod")).to.equal(undefined);
    expect(open("two").of("main")).to.equal(undefined);
    expect(open("one", "exec").of("main")).to.equal(undefined);
  });

  it("is compiled and written again where the file is cut off, or V8 refuses it", () => {
    const code = open();
    start(code);
    code.keep();
    const file = join(folder(), files()[0] ?? "");
    for (const damage of [() => truncateSync(file, 5), () => truncateSync(file, 200), () => writeFileSync(file, readFileSync(file, "latin1").replace(/\n[^]*/, `\n${"x".repeat(64)}`)), () => writeFileSync(file, "[]\n"), () => writeFileSync(file, "")]) {
      damage();
      const next = open();
      const script = start(next);
      expect(script.cachedDataRejected, String(damage)).not.to.equal(false);
      next.keep();
      expect(start(open()).cachedDataRejected, String(damage)).to.equal(false);
    }
  });

  it("is looked at whole when it was written before the host was booted", () => {
    const code = open();
    start(code);
    code.keep();
    const file = join(folder(), files()[0] ?? "");
    const before = readFileSync(file, "latin1").replace(/"boot":"[^"]+"/, (given) => given.replace(/[0-9a-f]/g, "0"));
    writeFileSync(file, before, "latin1");
    const next = open();
    expect(start(next).cachedDataRejected).to.equal(false);
    next.keep();
    expect(readFileSync(file, "latin1")).not.to.equal(before);
    writeFileSync(file, `${before.slice(0, -1000)}${"\0".repeat(1000)}`, "latin1");
    expect(open().of("main")).to.equal(undefined);
  });

  it("is gone without a word where nothing can be written", () => {
    writeFileSync(join(home, "cloche"), "a file where the folder should be");
    const code = open();
    start(code);
    code.keep();
    expect(readFileSync(join(home, "cloche"), "utf8")).to.include("a file");
  });

  it("takes a bounded number of files, of which the oldest go", () => {
    mkdirSync(folder(), { recursive: true });
    for (let index = 0; index < 80; index++) {
      writeFileSync(join(folder(), `old-${index}`), "");
      utimesSync(join(folder(), `old-${index}`), index, index);
    }
    const code = open();
    start(code);
    code.keep();
    expect(files()).to.have.length(40).and.include("old-79").and.not.include("old-0");
    expect(files().some((name) => name.startsWith("ls-one-"))).to.equal(true);
  });
});
