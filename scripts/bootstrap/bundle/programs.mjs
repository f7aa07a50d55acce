import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileOf } from "./files.mjs";

// A chunk does not lie where its modules did, so each that asks for its place is told it.
const TOP = `import { createRequire as __createRequire } from "node:module";
const require = __createRequire(import.meta.url), __dist = import.meta.url.slice(0, import.meta.url.lastIndexOf("/dist/") + 6);`;

/** Programs of their own, small as they are; what several of them have in common lies in chunks/, once. */
export async function bundlePrograms(folder, names) {
  if (names.length === 0) return { files: [], inputs: [] };
  const { metafile, outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: Object.fromEntries(names.map((name) => [name, join(folder, `${name}.js`)])),
    outdir: folder,
    write: false,
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    chunkNames: "chunks/[hash]",
    banner: { js: TOP },
    define: { "import.meta.url": "__url" },
    plugins: [placeOf(folder), laterPackages],
    legalComments: "none",
    logLevel: "silent",
    metafile: true,
  });
  return { files: outputFiles.map(({ path, text }) => fileOf(path, text)), inputs: Object.keys(metafile.inputs).map((path) => join(folder, path)) };
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
