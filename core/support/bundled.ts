import { pathToFileURL } from "node:url";

/** What a module in the bundle may ask of it. */
export interface Bundle {
  /** Says that one more module has run. */
  ran(): void;
  /** The module of this file, when it is a part of the bundle. */
  partOf(file: string): object | undefined;
  /** Keeps what V8 has compiled until now for the next start of the same command, when that is more than was kept. */
  keepCompiled(): void;
}

declare const __bundle: Bundle | undefined;

/** The bundle that this module came with: none when we run from sources, nor in a program of its own (scripts/bootstrap/bundle.mjs). */
export function bundled(): Bundle | undefined {
  return typeof __bundle === "undefined" ? undefined : __bundle;
}

/** Loads a module of ours that is known by its file. */
export async function loadFile(file: string): Promise<object> {
  return bundled()?.partOf(file) ?? ((await import(pathToFileURL(file).href)) as object);
}
