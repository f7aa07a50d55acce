import type { Invocation } from "./command.ts";
import { switchPlugin } from "./switch-plugin.ts";

/** `cloche plugin disable`. */
export default async function disablePlugin(invocation: Invocation): Promise<number> {
  return await switchPlugin(invocation, false);
}
