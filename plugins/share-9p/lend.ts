import { directories, findProject, homeOf, type Reach } from "../../core/index.ts";
import type { ShareOptions } from "./options.ts";

/** One directory that is lent. */
export interface Loan {
  /** Name of the share. */
  readonly tag: string;
  /** Real path on the host. */
  readonly source: string;
  /** Path in the guest. */
  readonly target: string;
  readonly readOnly: boolean;
  /** Edits stay in the guest, above what is lent. */
  readonly overlay: boolean;
  /** Directories in it that are the guest's own, as paths below it. */
  readonly local: readonly string[];
}

/** What a session lends: the project first. Throws PROJECT_REFUSED and others for a directory that must not be lent. */
export async function loansOf({ options, session }: Pick<Reach<ShareOptions>, "options" | "session">): Promise<readonly Loan[]> {
  const overlay = options.mode === "overlay" || options.mode === "review";
  const project: Loan = {
    tag: "project",
    source: session.project,
    target: session.project,
    readOnly: options.mode !== "live",
    overlay,
    local: options.local,
  };
  const ours = directories(session.hostEnv);
  const home = homeOf(session.hostEnv);
  const more = options.directories.map(async ({ path, at, write }, index): Promise<Loan> => {
    const named = path.startsWith("~/") ? home + path.slice(1) : path;
    const source = await findProject(named, ours, home, !write);
    return { tag: `more-${index}`, source, target: at ?? named, readOnly: !write, overlay: false, local: [] };
  });
  return [project, ...(await Promise.all(more))];
}
