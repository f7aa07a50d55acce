import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** One export of the interface, as its source declares it. */
interface Exported {
  readonly name: string;
  readonly file: string;
  readonly comment: string;
  readonly declaration: string;
}

const INTRODUCTION = `# The interface of plugins

\`npm run docs:api\` writes this page from the sources' own comments.

A plugin is a module whose default export is what \`definePlugin\` answers. It imports two modules, wherever it lies, and gets those
of the cloche that runs it: \`cloche\` and, in its tests, \`cloche/testing\`. It may import \`zod\` too, but need not: \`z\` is exported here.

\`cloche plugin new NAME\` writes one that works. The user's configuration names it in \`load\`, by a path or as an installed package;
\`cloche plugin enable PATH\` does that. A project's own file may name one by a path in itself: that is asked about, see \`cloche trust\`.

A method for each phase gets two things: what the phase is about, and its \`Reach\`. The phases, in order:

| phase | gets | for |
|---|---|---|
| \`build\` | \`RecipeDraft\` | what the image contains; one image serves many sessions, so nothing of a single one goes here |
| \`boot\` | \`MachineDraft\` | devices, shares and listeners of the machine |
| \`provision\` | \`Guest\` | the guest answers: write files, run commands, start services |
| \`attach\` | \`LaunchDraft\` | how the user's command is started |
| \`teardown\` | \`Guest\` | take out what must outlive the machine |

Plugins run on the host, as the user. Whatever the guest says is a stranger's word: escape it before showing it, bound it, and
never give it to a shell. Options are a \`z.strictObject\` in which each option is described; its name with the section, in capitals,
is also its variable: \`weather.dayLimit\` is \`CLOCHE_WEATHER_DAY_LIMIT\`.
`;

/** The page docs/plugin-api.md. */
export function apiPage(root: string): string {
  return [INTRODUCTION, ...part(root, "cloche", "core/index.ts"), ...part(root, "cloche/testing", "testing/index.ts")].join("\n");
}

function part(root: string, module: string, index: string): readonly string[] {
  return [`## \`${module}\`\n`, ...exportsOf(root, index).map((one) => `### ${one.name}\n\n${one.comment}\n\n\`\`\`ts\n${one.declaration}\n\`\`\`\n`)];
}

/** What an index exports: what it passes on from other files, and what it declares. */
export function exportsOf(root: string, index: string): readonly Exported[] {
  const text = readFileSync(join(root, index), "utf8");
  const passed = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from "(\.[^"]+)";/gm)].flatMap(([, names = "", from = ""]) => {
    const file = join(dirname(index), from);
    return names.split(",").map((name) => exported(root, file, name.replace(/^\s*type\s/, "").trim())).filter(({ name }) => name !== "");
  });
  const declared = [...text.matchAll(/^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm)].map(([, name = ""]) => exported(root, index, name));
  return [...passed, ...declared];
}

function exported(root: string, file: string, name: string): Exported {
  const text = readFileSync(join(root, file), "utf8");
  const start = new RegExp(`^export (?:async )?(?:abstract )?(?:function|const|class|interface|type) ${name}\\b`, "m").exec(text);
  if (!start) throw new Error(`${file} does not declare ${name}`);
  const before = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n$/.exec(text.slice(0, start.index));
  const comment = (before?.[1] ?? "").replace(/^[ \t]*\* ?/gm, "").trim();
  return { name, file, comment, declaration: declarationOf(text.slice(start.index)) };
}

/** What a reader needs of a declaration: types whole, of functions and classes what they take and answer. */
function declarationOf(text: string): string {
  if (/^export (async )?function/.test(text)) return text.slice(0, text.search(/ \{\n/)).replace(/^export (async )?/, "");
  if (text.startsWith("export const")) return text.slice(7, text.indexOf(";\n") + 1);
  if (text.startsWith("export type")) return text.slice(7, text.search(/;\n(\n|$|(?=\S))/) + 1);
  const [first = ""] = text.slice(7).split("\n", 1);
  const whole = first.endsWith("{}") ? first : text.slice(7, text.indexOf("\n}\n") + 2);
  return text.startsWith("export class") ? withoutBodies(whole) : whole;
}

function withoutBodies(text: string): string {
  const lines = text.split("\n");
  const kept: string[] = [];
  let inBody = false;
  for (const line of lines) {
    if (inBody) inBody = line !== "  }";
    else if (/^ {2}\S.*\{$/.test(line)) {
      inBody = true;
      if (!/^ {2}(async )?#/.test(line)) kept.push(line.replace(/ \{$/, ";").replace(/^ {2}async /, "  "));
    } else if (!/^ {2}#/.test(line)) kept.push(line);
  }
  return kept.join("\n").replace(/\n{2,}/g, "\n");
}
