import { isFailure } from "../support/errors.ts";
import { parse, type Parsed } from "./parse.ts";
import { COMMANDS, type CommandSpec } from "./table.ts";

/** A command line, understood, and the commands that it was looked up in. */
export interface Understood {
  readonly parsed: Parsed;
  readonly commands: readonly CommandSpec[];
}

/** Understands the arguments. The commands of plugins are loaded only when the core has none of that name, or when all are listed. */
export async function understand(argv: readonly string[]): Promise<Understood> {
  const ofCore = parsedByCore(argv);
  if (ofCore) return { parsed: ofCore, commands: COMMANDS };
  const { everyCommand } = await import("./every-command.ts");
  const commands = await everyCommand();
  return { parsed: parse(argv, commands), commands };
}

function parsedByCore(argv: readonly string[]): Parsed | undefined {
  try {
    const parsed = parse(argv);
    const listsCommands = parsed.flags.has("help") && (!parsed.named || parsed.group !== undefined);
    return listsCommands ? undefined : parsed;
  } catch (error) {
    if (isFailure(error, "USAGE_COMMAND_UNKNOWN")) return undefined;
    throw error;
  }
}
