import { mkdirSync, readdirSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Place } from "./place.ts";

const NOT_SHARED = ["templates", "starts", "accelerator.json", "boot-id", "node", "compiled"];

/** A place with the images of all tests and templates of its own, none at first. */
export function placeWithOwnTemplates(program?: readonly string[]): Place {
  const shared = join(new Place().env["XDG_CACHE_HOME"] ?? "", "cloche");
  const place = new Place("project", {}, program);
  const own = join(place.folder, "cache");
  mkdirSync(join(own, "cloche"), { recursive: true, mode: 0o700 });
  for (const name of readdirSync(shared)) {
    if (!NOT_SHARED.includes(name)) symlinkSync(realpathSync(join(shared, name)), join(own, "cloche", name));
  }
  place.env["XDG_CACHE_HOME"] = own;
  place.env["CLOCHE_MACHINE_MEMORY"] = "512MiB";
  return place;
}
