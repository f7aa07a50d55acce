import type { OpenPort } from "../ports/open-ports.ts";
import { portNumber } from "../ports/port-number.ts";
import { PORT_QUESTIONS } from "../ports/questions.ts";
import { askSession } from "./ask-session.ts";
import type { Invocation } from "./command.ts";

/** `cloche port close PORT`: ends that the guest's port can be reached from the host, and all connections to it. */
export default async function closePort(invocation: Invocation): Promise<number> {
  const { io, flags, words } = invocation;
  const closed = (await askSession(invocation, PORT_QUESTIONS.close, { port: portNumber(words[0] ?? "") })) as OpenPort;
  if (flags.has("json")) io.printJson(closed);
  else io.print(`The guest's port ${closed.port} is closed; it was at 127.0.0.1:${closed.at}.`);
  return 0;
}
