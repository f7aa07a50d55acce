import { jsonSchema } from "../config/json-schema.ts";
import type { Invocation } from "./command.ts";
import { ownPlugins } from "./context.ts";

/** `cloche config schema`: the JSON schema of the user's configuration, with the options of the plugins that he loads. */
export default async function showSchema(invocation: Invocation): Promise<number> {
  invocation.io.printJson(jsonSchema(await ownPlugins(invocation)));
  return 0;
}
