import { fail } from "./failures.ts";
import type { Look } from "./look.ts";
import type { Need } from "./needs.ts";
import { packageManager, type PackageManager } from "./package-manager.ts";

const INSTALL_MS = 30 * 60_000;

/** What would bring the missing things, and whether we can do it ourselves. */
export interface InstallPlan {
  readonly manager: PackageManager;
  readonly packages: readonly string[];
  /** Missing things for which this manager has no package that we know of. */
  readonly unknown: readonly Need[];
  /** What stands before each command: nothing as root, `sudo`, or undefined when we may not become root. */
  readonly asRoot: readonly string[] | undefined;
}

/** Works out how to get what is missing, or undefined when the package manager is not known to us. */
export async function planInstall(look: Look, missing: readonly Need[]): Promise<InstallPlan | undefined> {
  const manager = packageManager(look);
  if (!manager) return undefined;
  const packages = new Set(missing.flatMap((need) => need.packages[manager.name]?.split(" ") ?? []));
  const unknown = missing.filter((need) => need.packages[manager.name] === undefined);
  return { manager, packages: [...packages], unknown, asRoot: await rootPrefix(look) };
}

/** The command that a person would type. */
export function commandFor(plan: InstallPlan): string {
  const [first, ...rest] = plan.manager.install;
  const install = first === "env" ? rest.slice(1) : plan.manager.install;
  return ["sudo", ...install, ...plan.packages].join(" ");
}

/** Installs the packages; throws INSTALL_NOT_ROOT or INSTALL_FAILED. */
export async function install(look: Look, plan: InstallPlan): Promise<void> {
  if (plan.packages.length === 0) return;
  if (!plan.asRoot) throw fail("INSTALL_NOT_ROOT", { packages: plan.packages.join(", "), command: commandFor(plan) });
  const command = [...plan.asRoot, ...plan.manager.install, ...plan.packages];
  let done = await look.run(command, INSTALL_MS);
  if (done.status !== 0 && plan.manager.refresh) {
    await look.run([...plan.asRoot, ...plan.manager.refresh], INSTALL_MS);
    done = await look.run(command, INSTALL_MS);
  }
  if (done.status !== 0) {
    throw fail("INSTALL_FAILED", { packages: plan.packages.join(", "), command: commandFor(plan), output: done.output.slice(-2000).trim() });
  }
}

async function rootPrefix(look: Look): Promise<readonly string[] | undefined> {
  if (look.uid === 0) return [];
  const sudo = look.find("sudo");
  if (sudo === undefined) return undefined;
  if ((await look.run([sudo, "-n", "true"])).status === 0) return [sudo, "-n"];
  return look.isTerminal ? [sudo] : undefined;
}
