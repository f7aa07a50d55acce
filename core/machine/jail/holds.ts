import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { getSystemErrorName } from "node:util";
import { withDeadline } from "../../support/deadline.ts";
import { packageRoot } from "../../support/package-root.ts";
import type { Bounds } from "../containment.ts";
import { fail } from "../failures.ts";
import type { Held, Holds, HoldWish, NotHeld } from "../holds.ts";
import { LastWords } from "../last-words.ts";
import { sharePath } from "../qemu-arguments.ts";
import { systemTool } from "../tools.ts";
import { mountPoints } from "./mount-points.ts";
import { writtenInodes } from "./written-inodes.ts";

const START_MS = 5_000;
const ANSWER_MS = 10_000;

/** Starts the process that holds paths in the mount namespace of the jailed program `pid`; the scope ends it. Throws HOLD_FAILED. */
export async function openHolds(pid: number, { scope, signal }: Bounds): Promise<Holds> {
  // It ends with its standard input, so with us in every case.
  const child = spawn(systemTool("perl"), [join(packageRoot(), "host", "hold.pl"), `${pid}`, process.arch], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    cwd: "/",
    env: {},
  });
  const gone = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  });
  const close = async (): Promise<void> => {
    child.stdin.destroy();
    await gone;
  };
  await scope.defer("end what holds the share", close);
  child.stdin.on("error", () => {}); // it ended; that is noticed by its silence
  const words = new LastWords(child.stderr);
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const failed = () => fail("HOLD_FAILED", { detail: words.text() || "no answer" });
  const answer = async (deadlineMs: number): Promise<string> => {
    const { done, value } = await withDeadline(answers.next(), deadlineMs, failed, signal);
    if (!done) return value;
    await gone; // only then all is said
    throw failed();
  };
  await answer(START_MS);

  const holdAll = async (tag: string, wishes: readonly HoldWish[]): Promise<(Held | NotHeld)[]> => {
    child.stdin.write(wishes.map((wish) => request(sharePath({ tag }), wish)).join(""));
    const outcomes: (Held | NotHeld)[] = [];
    for (const { path } of wishes) outcomes.push(outcome(path, await answer(ANSWER_MS)));
    return outcomes;
  };
  let turn: Promise<unknown> = Promise.resolve();
  return {
    hold(tag, wishes) {
      const result = turn.then(() => holdAll(tag, wishes));
      turn = result.catch(() => {});
      return result;
    },
    held(tag, paths) {
      const points = mountPoints(readFileSync(`/proc/${pid}/mountinfo`, "latin1"));
      return new Set(paths.filter((path) => points.has(`${sharePath({ tag })}/${path}`)));
    },
    writing: () => writtenInodes(pid),
    close,
  };
}

const MODES = { fixed: "ro", pinned: "rw", masked: "no" } as const satisfies Record<HoldWish["kind"], string>;

function request(root: string, { path, kind, placeholder }: HoldWish): string {
  const hex = (text: string) => Buffer.from(text, "latin1").toString("hex");
  const content = typeof placeholder === "object" ? `file:${hex(placeholder.content)}` : undefined;
  const place = placeholder === "directory" ? "dir" : (content ?? "-");
  return `${MODES[kind]} ${hex(root)} ${hex(path)} ${place}\n`;
}

function outcome(path: string, answer: string): Held | NotHeld {
  const [word, first = "", inode, type, made] = answer.split(" ");
  if (word === "held") return { path, inode: `${first} ${inode}`, directory: type === "dir", made: made === "made" };
  return { path, error: getSystemErrorName(-Number(first)) };
}
