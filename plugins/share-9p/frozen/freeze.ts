import { appendFileSync, existsSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { escapeLine, type Machine, type Reach, type SessionFacts } from "../../../core/index.ts";
import type { Loan } from "../lend.ts";
import type { ShareOptions } from "../options.ts";
import { bytesOf, textOf } from "../tree/bytes.ts";
import type { Places } from "./find.ts";
import { startGuard } from "./guard.ts";
import { Placeholders } from "./placeholders.ts";
import { planHolds } from "./plan.ts";

/** The freezing of a session's project, begun while the machine starts. */
export interface Freezing {
  /** Freezes, before the guest sees anything of the project; from then on what the host replaces is frozen anew. */
  start(machine: Machine): Promise<void>;
  /** What stands in for what is absent. */
  standIns(): Placeholders["made"];
  /** Has somebody hear, from now on, that more may stand in than before. */
  onMore(heard: () => void): void;
  /** Ends the watching; call it while the machine still runs. */
  end(): void;
  /** Takes the placeholders away, unless another session needs them; call it when the machine is gone. */
  tidy(): void;
  /** The paths that were replaced on the host while they were frozen, as text. */
  readonly replaced: ReadonlySet<string>;
}

const NOWHERE: Places = { directories: [], gits: [], heads: [], files: [], packages: [] };

/** Begins to freeze what is found in a directory that is lent, nothing when nothing is looked for, and to mask what is named. */
export function beginFreezing({ tag, source, local }: Loan, found: Promise<Places> | undefined, masked: readonly string[], { options, session, log, notice, giveUp }: Reach<ShareOptions>): Freezing {
  const project = bytesOf(source);
  const choice = { freeze: options.freeze && found !== undefined, except: options.freezeExcept, also: tag === "project" ? [...options.freezeAlso, ...ownCode(session)] : [], local, masked };
  const replaced = new Set<string>();
  let guard: { readonly count: number; end(): void } | undefined;
  let placeholders: Placeholders | undefined;
  let more = (): void => {};
  return {
    replaced,
    standIns: () => placeholders?.made ?? [],
    onMore: (heard) => (more = heard),
    async start(machine) {
      const began = performance.now();
      const places = (await found) ?? NOWHERE;
      placeholders = Placeholders.begin(session.stateDir, { project, session: session.name });
      arrangeForKill(session.runDir, placeholders.file);
      guard = await startGuard({
        machine,
        holds: await machine.openHolds(),
        tag,
        project,
        plan: () => planHolds(project, places, choice),
        placeholders,
        onReplaced(path) {
          if (replaced.size < 1000) replaced.add(textOf(path));
          notice(`${escapeLine(textOf(path))} was replaced on the host; it is frozen again`);
          more();
        },
        onLost: giveUp,
        log,
      });
      log("%d paths frozen in %d ms", guard.count, Math.round(performance.now() - began));
    },
    end: () => guard?.end(),
    tidy: () => placeholders?.end(),
  };
}

/** The project's own plugins, which run on the host once they are trusted, and its configuration; what is not there is frozen by its name. */
function ownCode({ frozen, project }: SessionFacts): readonly string[] {
  return frozen.filter((path) => existsSync(path)).map((path) => relative(project, path));
}

/** Leaves word in the session's directory of what is to be run when the session was killed; see core/sessions/after-kill.ts. */
function arrangeForKill(runDir: string, note: string): void {
  const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
  const program = fileURLToPath(new URL(`./end-main${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url));
  const command = [process.execPath, ...(program.endsWith(".ts") ? ["--disable-warning=ExperimentalWarning"] : []), program, note];
  appendFileSync(join(runDir, "after-kill"), `${command.map(quoted).join(" ")}\n`, { mode: 0o600 });
}
