import { pluginOptions, projectOf, tableText, type Invocation } from "../../../core/index.ts";
import type { CredentialsOptions } from "../options.ts";
import { hostPlaces } from "../staging/places.ts";
import { stage } from "../staging/stage.ts";

/** `cloche config staged`: what of the user's configuration would cross, file by file, and why the rest not. Starts nothing. */
export default async function showStaged(invocation: Invocation): Promise<number> {
  const { io, env, flags } = invocation;
  const project = await projectOf(invocation);
  const options = (await pluginOptions(invocation, "credentials")) as CredentialsOptions;
  const { files, leftOut } = stage(hostPlaces(env, project), options.stage, () => undefined);
  if (flags.has("json")) {
    const crossing = files.map(({ kind, path, from, content, mode }) => ({ kind, path, from, bytes: Buffer.from(content).length, mode: (mode ?? 0o644).toString(8) }));
    io.printJson({ files: crossing, leftOut });
    return 0;
  }
  io.print(files.length === 0 ? "Nothing would cross." : tableText([["KIND", "IN THE GUEST", "FROM"], ...files.map(({ kind, path, from }) => [kind, path, from])]));
  if (leftOut.length > 0) io.print(`\nLeft out:\n${tableText(leftOut.map(({ kind, what, why }) => [kind, what, why]))}`);
  return 0;
}
