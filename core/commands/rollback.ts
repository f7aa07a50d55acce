import type { Invocation } from "./command.ts";
import { detach } from "./detach.ts";

/** `cloche rollback [SNAPSHOT]`: ends the session, and has it go on from a snapshot of it, detached. The snapshot stays. */
export default async function rollback(invocation: Invocation): Promise<number> {
  if (!invocation.held) return await detach(invocation);
  const { rollBack } = await import("./roll-back.ts");
  return await rollBack(invocation);
}
