import { join } from "node:path";
import { definePlugin, npmLayer, z, type NpmPackage } from "cloche";

/** Language servers that Debian has, by the languages they are for. */
const FROM_DEBIAN: Readonly<Record<string, readonly string[]>> = {
  c: ["clangd"],
  go: ["gopls", "golang-go"],
  python: ["python3-pylsp"],
  rust: ["rust-analyzer", "rust-src", "cargo"],
};

/** TypeScript's, which only the npm registry has. Pinned: what is installed is what stands here. */
const TYPESCRIPT: readonly { readonly from: NpmPackage; readonly links?: Readonly<Record<string, string>> }[] = [
  {
    from: { packageName: "typescript-language-server", version: "5.1.3", integrity: "sha512-r+pAcYtWdN8tKlYZPwiiHNA2QPjXnI02NrW5Sf2cVM3TRtuQ3V9EKKwOxqwaQ0krsaEXk/CbN90I5erBuf84Vg==", bytes: undefined },
    links: { "/usr/local/bin/typescript-language-server": "/usr/local/lib/node_modules/typescript-language-server/lib/cli.mjs" },
  },
  { from: { packageName: "typescript", version: "5.9.3", integrity: "sha512-jl1vZzPDinLr9eUt3J/t7V6FgNEw9QjvBPdysz9KfQDD41fQrC2Y4vKQdiaUpFT4bXlb1RHhLpp8wtm6M5TgSw==", bytes: undefined } },
];

/** Language servers for the agent: it finds definitions and mistakes by them instead of by searching. */
export default definePlugin({
  name: "language-servers",
  api: 1,
  section: "languageServers",
  description: "Language servers in the guest, for the languages of your projects.",
  options: z.strictObject({
    languages: z.array(z.enum(["c", "go", "python", "rust", "typescript"])).default(["typescript"]).describe("Languages to have a server for"),
  }),

  build(recipe, { options, session }) {
    for (const language of options.languages) recipe.addPackages(...(FROM_DEBIAN[language] ?? []));
    if (!options.languages.includes("typescript")) return;
    recipe.addPackages("nodejs");
    for (const { from, links = {} } of TYPESCRIPT) {
      const name = from.packageName;
      const members = [{ path: "package", to: `/usr/local/lib/node_modules/${name}` }];
      recipe.addLayer(npmLayer({ name, from, store: join(session.cacheDir, name), members, links }, session));
    }
  },
});
