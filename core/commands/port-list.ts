import { tableText } from "../cli/output.ts";
import { PORT_QUESTIONS } from "../ports/questions.ts";
import type { ListedPort } from "../ports/questions.ts";
import { askSession } from "./ask-session.ts";
import type { Invocation } from "./command.ts";

/** `cloche port list`: what listens in the guest, and what of it is open on the host. */
export default async function listPorts(invocation: Invocation): Promise<number> {
  const { io, flags } = invocation;
  const ports = (await askSession(invocation, PORT_QUESTIONS.list)) as readonly ListedPort[];
  if (flags.has("json")) io.printJson(ports);
  else if (ports.length === 0) io.print("Nothing listens in the guest, and no port is open.");
  else io.print(tableText([["PORT", "LISTENS AT", "PROGRAM", "ON THE HOST"], ...ports.map(row)]));
  return 0;
}

function row({ port, address, program, at, listening }: ListedPort): readonly string[] {
  const where = at === null ? "closed" : `http://127.0.0.1:${at}`;
  return [String(port), listening ? (address ?? "?") : "nothing listens", program ?? "", where];
}
