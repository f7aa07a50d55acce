// Scripts instead of modules: each module is a function in one of them and runs when it is first asked for, so that what is loaded late
// stays late, without a file of its own; and of a script, core/bundled/open.ts keeps what V8 compiled, functions within functions too.
import { build, transform } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { fileOf } from "./files.mjs";

const COMMON = {
  bundle: true,
  write: false,
  format: "cjs",
  platform: "node",
  target: "node22",
  legalComments: "none",
  logLevel: "silent",
  metafile: true,
  minifyWhitespace: true,
  lineLimit: 160, // a stack names lines
};
// ssh2 does without these.
const APART = ["cpu-features", "*.node"];
// A module does not lie where it did, so each that asks for its place is told it.
const PLACE = { "import.meta.url": "__url", "import.meta.dirname": "__dir", "import.meta.resolve": "undefined" };
const OPEN = "core/bundled/open";
// What each module would bring of its own to say what it exports: more than a third of all text, and each function in it compiled 600 times.
const EXPORTS = 'const __exports=(to,all)=>{Object.defineProperty(to,"__esModule",{value:true});for(const name in all)Object.defineProperty(to,name,{get:all[name],enumerable:true})};';
const BRINGS = /^(?:var __\w+ = (?:.*;|[^]*?\n[})]+;)\n)+var stdin_exports = {};\n__export\(stdin_exports, ({\n[^]*?\n})\);\nmodule\.exports = __toCommonJS\(stdin_exports\);$/m;
// What is imported by its place is imported by a file: a script can do so only in a way that Node calls experimental.
const WRAPPED = { before: "(function (require, module, exports, __dirname, __import, __bundle, __dist) {", after: "})" };

/** One script of all parts, one for each package that they use, and a small file in the place of each part. */
export async function bundleScripts(folder, parts) {
  const packages = new Set();
  const main = await build({
    ...COMMON,
    absWorkingDir: folder,
    banner: { js: EXPORTS },
    stdin: { contents: `exports.parts = {\n${parts.map((name) => `${JSON.stringify(name)}: () => require("./${name}.js"),`).join("\n")}\n};`, sourcefile: "main" },
    plugins: [oursIn(folder, "__bundle.ran();\n", PLACE), apartIn(packages)],
  });
  const scripts = [{ name: "main", ...main }, ...(await Promise.all([...packages].sort().map((name) => packageScript(folder, name))))];
  const texts = scripts.map(({ name, outputFiles: [{ text }] }) => ({ name, ...fileOf(join(folder, `scripts/${name}.js`), `${WRAPPED.before}${text.replaceAll(/\bimport\(/g, "__import(")}${WRAPPED.after}`) }));
  const named = createHash("sha256").update(JSON.stringify(texts.map(({ name, text }) => [name, text]))).digest("hex").slice(0, 16);
  const facts = { build: named, scripts: texts.map(({ name }) => name), kinds: await kindsOf(folder) };
  return {
    files: [...texts, await beginning(folder, facts), ...(await Promise.all(parts.map((name) => stub(folder, name)))), ...(packages.has("zod") ? [await lentZod(folder)] : [])],
    inputs: scripts.flatMap(({ metafile }) => Object.keys(metafile.inputs)).map((path) => join(folder, path)),
  };
}

/**
 * Our modules become CommonJS, each on its own, and are told their place. In a space of their own, since esbuild would take the files of a
 * package of modules for modules.
 */
function oursIn(folder, first, place) {
  return {
    name: "ours",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^\./ }, ({ path, importer, namespace }) => (namespace === "package" ? undefined : { path: join("/", dirname(importer), path), namespace: "ours" }));
      onLoad({ filter: /.*/, namespace: "ours" }, async ({ path }) => {
        const { code } = await transform(readFileSync(join(folder, path), "utf8"), {
          format: "cjs",
          platform: "node",
          target: "node22",
          define: place,
        });
        const own = /\b__(url|dir)\b/.test(code) ? `const __url = new URL(${JSON.stringify(path.slice(1))}, __dist).href, __dir = require("node:url").fileURLToPath(new URL(".", __url));\n` : "";
        return { contents: `${first}${own}${late(lean(code.replace(/^#!.*/, "")))}`, loader: "js" };
      });
    },
  };
}

/** Says what it exports in as few words as that takes; where it needs more of what it brings, that stays. */
function lean(code) {
  const text = code.replace(BRINGS, (_, exported) => `__exports(exports, ${exported});`);
  return /\b(stdin_exports|__toESM|__copyProps|__defProp)\b/.test(text) ? code : text;
}

/** What Node brings, and packages, are loaded when they are first used: most of what a file imports is for functions that do not run. */
function late(code) {
  const declarations = code.matchAll(/^var (import_\w+) = ((?:__toESM\()?require\("[^."][^"]*"\)\)?);$/gm);
  return [...declarations].reduce((text, [declaration, name, loading]) => {
    const uses = text.replace(declaration, "");
    const isWhole = new RegExp(`\\b${name}\\b(?!\\.)`).test(uses); // handed on, not used
    if (isWhole) return text;
    const used = uses.replaceAll(new RegExp(`\\b${name}\\.`, "g"), `${name}.it.`);
    return `var __${name}, ${name} = { get it() { return (__${name} ??= ${loading}); } };\n${used}`;
  }, code);
}

/** A package is a script of its own, asked for when it comes to it. */
function apartIn(packages) {
  return {
    name: "packages",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[^./]/ }, ({ path, namespace }) => {
        if (path.startsWith("node:") || namespace === "package") return { path, external: true };
        packages.add(path);
        return { path, namespace: "package" };
      });
      // to Node the default of a CommonJS package is the whole of it, also when it says that it once was a module
      const contents = (path) => `const it = require(${JSON.stringify(path)});\nmodule.exports = it.__esModule && !("default" in it) ? Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(it), default: { value: it, enumerable: true } }) : it;`;
      onLoad({ filter: /.*/, namespace: "package" }, ({ path }) => ({ contents: contents(path), loader: "js" }));
    },
  };
}

async function packageScript(folder, name) {
  const whole = { name: "whole", setup: ({ onResolve, resolve }) => onResolve({ filter: /.*/ }, async ({ path, kind }) => (kind === "entry-point" ? await resolve(path, { kind: "import-statement", resolveDir: folder }) : undefined)) };
  return { name, ...(await build({ ...COMMON, absWorkingDir: folder, entryPoints: [name], outdir: folder, external: APART, plugins: [whole] })) };
}

/** What opens the scripts. */
async function beginning(folder, facts) {
  const { outputFiles } = await build({
    ...COMMON,
    absWorkingDir: folder,
    banner: { js: EXPORTS },
    stdin: { contents: `module.exports = require("./${OPEN}.js");`, sourcefile: "open" },
    plugins: [oursIn(folder, "", { "import.meta.filename": "__filename", "import.meta.dirname": "__dirname", __facts: JSON.stringify(JSON.stringify(facts)) })],
  });
  return fileOf(join(folder, `${OPEN}.cjs`), outputFiles[0].text);
}

/** What stands in a part's place: its exports, out of the script. */
async function stub(folder, name) {
  const path = join(folder, `${name}.js`);
  const { metafile } = await build({ absWorkingDir: folder, entryPoints: [path], outdir: folder, write: false, bundle: true, format: "esm", platform: "node", packages: "external", logLevel: "silent", metafile: true });
  const [{ exports: names }] = Object.values(metafile.outputs);
  return fileOf(path, `${opened(name, `part(${JSON.stringify(name)})`)}${exported(names)}`);
}

/** Plugins from outside are lent the very zod that we check with. */
async function lentZod(folder) {
  const name = "core/outside/zod";
  return fileOf(join(folder, `${name}.js`), `${opened(name, 'packageOf("zod")')}${exported(Object.keys(await import("zod")))}`);
}

function opened(name, what) {
  const open = relative(dirname(name), `${OPEN}.cjs`);
  return `import { createRequire } from "node:module";\nconst from = createRequire(import.meta.url)(${JSON.stringify(open.startsWith(".") ? open : `./${open}`)}).${what};\n`;
}

function exported(names) {
  return names.map((name, index) => `const _${index} = from.${name};\nexport { _${index} as ${name} };\n`).join("");
}

/** The first words of all commands: for each, what V8 compiled is kept apart. */
async function kindsOf(folder) {
  const table = join(folder, "core/cli/every-command.js");
  if (!existsSync(table)) return [];
  const { everyCommand } = await import(pathToFileURL(table).href);
  return [...new Set((await everyCommand()).map(({ name }) => name.split(" ")[0]))];
}
