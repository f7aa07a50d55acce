import { join } from "node:path";
import { isObject, type Left } from "./pick.ts";
import { GUEST } from "./places.ts";
import { secretInValue } from "./suspicious.ts";

/** What the user says is in the guest: names of programs, and files below `~/.claude`, which cross for it. */
export type Programs = readonly string[];

// Plain words alone: what a shell would expand, join or redirect could say anything.
const WORD = /^[\w./:=@%+,-]+$/;
const EVENT = /^[A-Z][A-Za-z]{2,40}$/;
const MATCHER = /^[\w|*.:-]{0,200}$/;
const LONGEST_S = 3600;

/**
 * The settings that run programs, reduced to those that name what is in the guest by intention, with paths as they are there.
 * `configDir` is where the user's configuration lies on the host, `home` the home directory.
 */
export function runnableSettings(settings: Readonly<Record<string, unknown>>, { programs, configDir, home }: { readonly programs: Programs; readonly configDir: string; readonly home: string }, left: Left): Record<string, unknown> {
  const inGuest = (command: unknown, at: string): string | undefined => {
    const result = guestCommand(command, programs, configDir, home);
    if ("why" in result) left(at, result.why);
    return "command" in result ? result.command : undefined;
  };
  const { statusLine, hooks } = settings;
  const line = isObject(statusLine) ? inGuest(statusLine["command"], "statusLine") : undefined;
  const kept = isObject(hooks) ? keepHooks(hooks, inGuest, left) : undefined;
  return {
    ...(line !== undefined && { statusLine: { type: "command", command: line } }),
    ...(kept !== undefined && Object.keys(kept).length > 0 && { hooks: kept }),
  };
}

type InGuest = (command: unknown, at: string) => string | undefined;

function keepHooks(hooks: Readonly<Record<string, unknown>>, inGuest: InGuest, left: Left): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [event, groups] of Object.entries(hooks)) {
    if (!EVENT.test(event) || !Array.isArray(groups)) {
      left("hooks", "an event that is not known");
      continue;
    }
    const good = groups.flatMap((group: unknown, index) => keepGroup(group, `hooks.${event}[${index}]`, inGuest, left));
    if (good.length > 0) kept[event] = good;
  }
  return kept;
}

function keepGroup(group: unknown, at: string, inGuest: InGuest, left: Left): readonly unknown[] {
  if (!isObject(group) || !Array.isArray(group["hooks"])) return [];
  const { matcher = "" } = group;
  if (typeof matcher !== "string" || !MATCHER.test(matcher)) {
    left(at, "its matcher is not as it should be");
    return [];
  }
  const hooks = group["hooks"].flatMap((hook: unknown, index) => {
    const command = isObject(hook) ? inGuest(hook["command"], `${at}.hooks[${index}]`) : undefined;
    if (command === undefined || !isObject(hook)) return [];
    const { timeout } = hook;
    const seconds = typeof timeout === "number" && timeout > 0 && timeout <= LONGEST_S ? { timeout } : {};
    return [{ type: "command", command, ...seconds }];
  });
  return hooks.length > 0 ? [{ ...(matcher !== "" && { matcher }), hooks }] : [];
}

/** A command line as it is in the guest, or why it does not cross. */
export function guestCommand(command: unknown, programs: Programs, configDir: string, home: string): { readonly command: string } | { readonly why: string } {
  if (typeof command !== "string" || command.length > 1000) return { why: "it names no command" };
  const [program = "", ...args] = command.trim().split(/\s+/).map((word) => inGuestTerms(word, configDir, home));
  const wanted = programs.map((each) => inGuestTerms(each, configDir, home));
  if (!wanted.includes(program)) return { why: "it runs a program that credentials.programs does not name as one of the guest" };
  const odd = [program, ...args].find((word) => !WORD.test(word) || secretInValue(word) !== undefined);
  if (odd !== undefined) return { why: "its command line holds more than plain words" };
  return { command: [program, ...args].join(" ") };
}

/** A path below the configuration directory, however it was written, as a path of the guest; other words as they are. */
function inGuestTerms(word: string, configDir: string, home: string): string {
  const bare = word.replace(/^"(.*)"$/, "$1").replace(/^(~|\$HOME|\$\{HOME\})(?=\/)/, home);
  for (const folder of [configDir, join(home, ".claude")]) {
    if (bare.startsWith(`${folder}/`) && !bare.includes("/../")) return `${GUEST.agentConfig}/${bare.slice(folder.length + 1)}`;
  }
  return bare;
}
