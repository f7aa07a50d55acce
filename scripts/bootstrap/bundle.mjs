// bundle.mjs FOLDER: makes few files out of the hundreds that were compiled there, with the packages that they use, since to find and read
// each of them is most of the time until a command runs. What is started or imported by its name keeps its place; what several of these
// have in common lies in chunks/, once, so that there is one copy of each module in a process.
import { build } from "esbuild";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** What has a name to others: programs of ours, what plugins import, what scripts need. */
export const NAMED = [
  "core/cli",
  "core/cli/io",
  "core/cli/report",
  "core/doctor/host-look",
  "core/doctor/prepare",
  "core/index",
  "core/machine/template/freezer-main",
  "core/outside/lend-here",
  "core/outside/lending-thread",
  "core/supervisor/main",
  "plugins/credentials/gateway/part",
  "plugins/egress/gateway/main",
  "plugins/share-9p/frozen/end-main",
  "testing/index",
];
// Plugins from outside are lent the very zod that we check with.
const LENT = { "core/outside/zod": 'export * from "zod";\nexport { default } from "zod";\n' };
// ssh2 does without these.
const APART = ["cpu-features", "*.node"];
// A chunk does not lie where its modules did, so each that asks for its place is told it.
const TOP = `import { createRequire as __createRequire } from "node:module";
const require = __createRequire(import.meta.url), __dist = import.meta.url.slice(0, import.meta.url.lastIndexOf("/dist/") + 6);`;

/** Bundles a folder in place. */
export async function bundle(folder) {
  for (const [name, code] of Object.entries(LENT)) if (existsSync(dirname(join(folder, name)))) writeFileSync(join(folder, `${name}.js`), code);
  const inPlugins = readdirOr(join(folder, "plugins")).flatMap((name) => [`plugins/${name}/index`, `plugins/${name}/commands`]);
  const named = [...NAMED, ...Object.keys(LENT), ...inPlugins].filter((name) => existsSync(join(folder, `${name}.js`)));
  const apart = filesBelow(folder).filter((path) => path.endsWith(".js"));
  const out = join(folder, "bundled");
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: Object.fromEntries(named.map((name) => [name, join(folder, `${name}.js`)])),
    outdir: out,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    chunkNames: "chunks/[hash]",
    external: APART,
    banner: { js: TOP },
    define: { "import.meta.url": "__url" },
    plugins: [placeOf(folder), laterPackages],
    legalComments: "none",
    logLevel: "silent",
    metafile: true,
  });
  for (const path of apart) rmSync(path);
  for (const path of filesBelow(out)) {
    const target = join(folder, relative(out, path));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(path, inLatin(readFileSync(path, "utf8")));
    renameSync(path, target);
  }
  rmSync(out, { recursive: true });
  writeFileSync(join(folder, "THIRD-PARTY.txt"), notices(Object.keys(metafile.inputs).map((path) => join(folder, path))));
}

/** V8 keeps a text with one character beyond Latin 1 in two bytes for each: zod's comments alone made 760 KB more of every process. */
function inLatin(code) {
  return code.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, (comment) => comment.replace(/[^\x00-\xff]/g, "?"));
}

function placeOf(folder) {
  return {
    name: "place",
    setup({ onLoad }) {
      onLoad({ filter: /\.js$/ }, ({ path }) => {
        const place = relative(folder, path);
        const code = readFileSync(path, "utf8");
        if (!code.includes("import.meta.url")) return undefined;
        if (place.startsWith("..")) throw new Error(`${path} asks for its place, so its package has to be left apart`);
        return { contents: `const __url = new URL(${JSON.stringify(place)}, __dist).href;\n${code}`, loader: "js" };
      });
    },
  };
}

/** A package that is loaded when it comes to it stays a package: of one in CommonJS, a chunk would have nothing but the default export. */
const laterPackages = {
  name: "later packages",
  setup({ onResolve }) {
    onResolve({ filter: /^[^.]/ }, ({ path, kind }) => (kind === "dynamic-import" ? { path, external: true } : undefined));
  },
};

/** The licences of the packages whose code is in there. */
function notices(files) {
  const roots = new Set(files.flatMap((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  return [...roots].sort().map((root) => {
    const licence = readdirSync(root).find((name) => /^licen[cs]e/i.test(name));
    const { name, version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    return `${name} ${version} (${license})\n\n${licence ? readFileSync(join(root, licence), "utf8").trim() : ""}\n`;
  }).join(`\n${"-".repeat(80)}\n\n`);
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function readdirOr(folder) {
  return existsSync(folder) ? readdirSync(folder) : [];
}

if (process.argv[2] !== undefined && process.argv[1]?.endsWith("bundle.mjs")) await bundle(process.argv[2]);
