import { askSession, type Invocation } from "../../../core/index.ts";

/** `cloche egress close`. */
export default async function close(invocation: Invocation): Promise<number> {
  const { closed } = (await askSession(invocation, "egress.close")) as { closed: number };
  invocation.io.print("The guest may reach what the rules name, and nothing else.");
  if (closed > 0) invocation.io.print(`${closed} open connection${closed === 1 ? " was" : "s were"} closed.`);
  return 0;
}
