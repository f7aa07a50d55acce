import { directories } from "../config/directories.ts";
import type { Image } from "../image/image.ts";
import type { CommandIo, Invocation } from "./command.ts";
import { contextToStart } from "./context.ts";

const MB = 1e6;

/** `cloche build`: makes the image that a session here would use; `--prune` then removes all that it is not made of. */
export default async function build(invocation: Invocation): Promise<number> {
  const { io, signal, flags } = invocation;
  const { project, configuration } = await contextToStart(invocation);
  const { runBuild } = await import("../run-session.ts");
  const { image, template } = await runBuild({ configuration, project, io, signal, rebuild: flags.has("rebuild") });
  if (flags.has("prune")) await prune(image, template, io, signal);
  io.print(`The image ${image.id.slice(0, 12)} is ready: ${await sizeOf(image)} MB.`);
  return 0;
}

async function prune(image: Image, template: string | undefined, io: CommandIo, signal: AbortSignal): Promise<void> {
  const [{ pruneImages }, { pruneTemplates }, { openTemplates }] = await Promise.all([
    import("../image/prune.ts"),
    import("../machine/template/prune.ts"),
    import("../machine/template/store.ts"),
  ]);
  const frozen = await pruneTemplates(await openTemplates(directories().cache), { keep: template ?? "", bytes: 0 });
  if (frozen.templates > 0) io.print(`Removed ${frozen.templates} unused templates: ${Math.round(frozen.bytes / MB)} MB.`);
  const { parts, bytes } = await pruneImages(directories().cache, [image], { signal, progress: io.progress });
  io.print(`Removed ${parts} unused ${parts === 1 ? "part" : "parts"} of images: ${Math.round(bytes / MB)} MB.`);
}

async function sizeOf({ kernel, initrd, disks }: Image): Promise<number> {
  const { stat } = await import("node:fs/promises");
  const sizes = await Promise.all([kernel, initrd, ...disks].map(async (path) => (await stat(path)).size));
  return Math.round(sizes.reduce((total, size) => total + size, 0) / MB);
}
