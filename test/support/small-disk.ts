import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { ROOT } from "./sources.ts";

/** What stands before a command that is to have a disk of this size at a place, and everything else as it is. */
export function withSmallDisk(place: string, bytes: number): readonly string[] {
  return ["bwrap", "--dev-bind", "/", "/", "--size", `${bytes}`, "--tmpfs", place];
}

/**
 * Runs a script that has a disk of this size at the path `process.argv[2]`; our sources lie at the address `process.argv[1]`. Answers what
 * it told, as JSON.
 */
export function onSmallDisk(bytes: number, script: string): unknown {
  const place = mkdtempSync(join(tmpdir(), "cloche-small-disk-"));
  const [bwrap = "", ...disk] = withSmallDisk(place, bytes);
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", "--input-type=module", "-e", script, "--", pathToFileURL(join(ROOT, "/")).href, place];
  const { stdout, stderr } = spawnSync(bwrap, [...disk, ...node], { encoding: "utf8", env: { PATH: "/usr/bin:/bin" } });
  rmdirSync(place);
  expect(stderr).to.equal("");
  return JSON.parse(stdout) as unknown;
}
