import { join } from "node:path";
import { GUEST } from "./places.ts";
import { readBounded } from "./read.ts";
import type { Kind, Staging } from "./staging.ts";
import { secretIn } from "./suspicious.ts";
import { readTree, type TreeFile } from "./tree.ts";

/** A directory of documents below the agent's configuration. */
interface Shelf {
  readonly kind: Kind;
  readonly folder: string;
  /** Which of its files are taken; all when not given. */
  readonly takes?: RegExp;
}

/** The directories of documents, by the kind that switches them. */
export const SHELVES: readonly Shelf[] = [
  { kind: "memory", folder: "rules", takes: /\.md$/i },
  { kind: "commands", folder: "commands", takes: /\.md$/i },
  { kind: "agents", folder: "agents", takes: /\.md$/i },
  { kind: "outputStyles", folder: "output-styles", takes: /\.md$/i },
  { kind: "skills", folder: "skills" },
];

const NOT_OF_THE_KIND = "not a file of this kind";
const LONGEST_MEMORY = 1 << 20;
// What a document's head can say to run programs: those are not in the guest, and may hold secrets.
const RUNS = /\b(hooks|mcpServers)\b["']?\s*:/;

/** Stages a directory of documents as it is; binary files survive. */
export function stageShelf({ kind, folder, takes }: Shelf, configDir: string, staging: Staging): void {
  const path = join(configDir, folder);
  const tree = readTree(configDir, path);
  if (tree.missing) return;
  if (tree.refused !== undefined) return void staging.leave(kind, path, tree.refused);
  for (const { name, why } of tree.left) staging.leave(kind, join(path, name), why);
  for (const file of tree.files) {
    const from = join(path, file.name);
    const why = takes && !takes.test(file.name) ? NOT_OF_THE_KIND : whyNotDocument(file);
    if (why !== undefined) staging.leave(kind, from, why);
    else staging.stage({ kind, path: `${GUEST.agentConfig}/${folder}/${file.name}`, content: file.content, mode: file.executable ? 0o755 : 0o644, from });
  }
}

/** Stages the user's own memory file. */
export function stageMemory(configDir: string, staging: Staging): void {
  const from = join(configDir, "CLAUDE.md");
  const reading = readBounded(from, LONGEST_MEMORY);
  if ("why" in reading) {
    if (!reading.missing) staging.leave("memory", from, reading.why);
    return;
  }
  const why = whyNotDocument({ name: "CLAUDE.md", content: reading.content });
  if (why !== undefined) staging.leave("memory", from, why);
  else staging.stage({ kind: "memory", path: `${GUEST.agentConfig}/CLAUDE.md`, content: reading.content, from });
}

function whyNotDocument({ name, content }: Pick<TreeFile, "name" | "content">): string | undefined {
  if (/(^|\/)(\.env(\..*)?|\.npmrc|\.netrc|\.pypirc|\.git|id_[a-z0-9]+|.*\.pem|.*\.key)(\/|$)/.test(name)) return "files of this name hold secrets";
  const text = content.toString("latin1");
  const secret = secretIn(text);
  if (secret !== undefined) return `it seems to hold ${secret}`;
  const [, head = ""] = /^(?:\xef\xbb\xbf)?---\r?\n([\s\S]*?)\r?\n---/.exec(text) ?? [];
  return /\.md$/i.test(name) && RUNS.test(head) ? "its head runs programs or MCP servers" : undefined;
}
