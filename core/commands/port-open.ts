import type { OpenPort } from "../ports/open-ports.ts";
import { portNumber } from "../ports/port-number.ts";
import { PORT_QUESTIONS } from "../ports/questions.ts";
import { askSession } from "./ask-session.ts";
import type { Invocation } from "./command.ts";

/** `cloche port open PORT`: makes a port of the guest reachable at 127.0.0.1 of the host, until it is closed or the session ends. */
export default async function openPort(invocation: Invocation): Promise<number> {
  const { io, flags, words } = invocation;
  const at = flags.value("at");
  const body = { port: portNumber(words[0] ?? ""), ...(at !== undefined && { at: portNumber(at, 0) }) };
  const opened = (await askSession(invocation, PORT_QUESTIONS.open, body)) as OpenPort;
  if (flags.has("json")) io.printJson(opened);
  else io.print(`http://127.0.0.1:${opened.at}`);
  return 0;
}
