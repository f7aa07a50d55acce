import { join } from "node:path";
import type { TrustRequest } from "../trust/request.ts";
import { PROJECT_PLACES } from "./places.ts";

/** The files by which a project speaks to cloche, there or not, and those of its plugins: what the guest must not write. */
export function frozenFiles(project: string | undefined, request: TrustRequest | undefined): readonly string[] {
  if (project === undefined) return [];
  const code = (request?.code ?? []).flatMap(({ files }) => files.map(({ path }) => path));
  return [...PROJECT_PLACES, ...code].map((path) => join(project, path));
}
