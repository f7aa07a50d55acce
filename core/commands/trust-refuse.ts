import { directories } from "../config/directories.ts";
import { recordAnswer } from "../trust/consider.ts";
import type { Invocation } from "./command.ts";
import { directoryFor } from "./trust-accept.ts";
import { requestHere } from "./trust-here.ts";

/** `cloche trust refuse`: what the project asks for stays out of force, and nobody is asked again until it changes. */
export default async function refuseTrust(invocation: Invocation): Promise<number> {
  const request = await requestHere(invocation);
  const directory = directoryFor(invocation, request);
  await recordAnswer(directories(invocation.env).state, directory, request, "refused");
  invocation.io.print(`Refused for ${directory}. It is asked again when it changes.`);
  return 0;
}
