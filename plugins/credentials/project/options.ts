import { z } from "zod";

const inProject = z.string().refine(
  (path) => path !== "" && path.length <= 500 && !path.startsWith("/") && path.split("/").every((part) => part !== "" && part !== "." && part !== ".."),
  "Write a path in the project, such as .env or config/secrets.yaml",
);

/** Which files of the project the guest does not see. */
export const mask = z.array(inProject).max(200).default([]).describe("Files and directories of the project that seem to be empty to the guest, by their paths in it");

/** Whether the project is searched for secrets. */
export const scan = z.boolean().default(true).describe("Whether the project is searched for secrets when a session starts, so that you are told of them by name");
