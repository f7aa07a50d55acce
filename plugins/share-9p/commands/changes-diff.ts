import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { escapeText, type Invocation } from "../../../core/index.ts";
import { patchOf } from "../review/whole-patch.ts";
import { chosen, contentOf, isGitData, pendingOf } from "./pending.ts";

const PAGER = "/usr/bin/less";

/** `cloche changes diff`: the changes as a patch, on a terminal in a pager. */
export default async function showDiff(invocation: Invocation): Promise<number> {
  const pending = await pendingOf(invocation);
  const before = (blob: number | undefined) => (blob === undefined ? undefined : pending.store.vault.read(blob));
  const wanted = chosen(pending, invocation.words).filter((change) => invocation.words.length > 0 || !isGitData(change));
  const patch = wanted.map((change) => patchOf(change, before(change.base.blob), contentOf(pending, change))).join("");
  const file = invocation.flags.value("output");
  const { io } = invocation;
  const text = Buffer.from(patch, "latin1").toString("utf8");
  if (file !== undefined) writeFileSync(file, patch, { encoding: "latin1", mode: 0o644 });
  else if (!io.stdout.isTTY) io.print(text.trimEnd());
  else if (existsSync(PAGER)) await page(escapeText(text), invocation.env["TERM"]);
  else io.print(escapeText(text.trimEnd()));
  return 0;
}

/** What cannot harm a terminal, in less; no file of the user's is read for it, and it cannot start anything. */
async function page(text: string, term: string | undefined): Promise<void> {
  const env = { LESSSECURE: "1", LESSHISTFILE: "-", ...(term !== undefined && { TERM: term }) };
  const pager = spawn(PAGER, ["-FX"], { stdio: ["pipe", "inherit", "inherit"], env });
  pager.stdin.on("error", () => {}); // it was left before the end
  pager.stdin.end(text);
  await once(pager, "close");
}
