import { failures } from "../../core/index.ts";

/** How lending the project can fail. */
export const fail = failures({
  SHARE_PLACE_TAKEN: (f: { target: string }) => ({
    message: `The project ${f.target} cannot be at the same path in the guest, which keeps files of its own there.`,
    hint: "Move the project to a path of its own, such as one below your home directory.",
  }),
  SHARE_NOT_MOUNTED: (f: { target: string; reason: string }) => ({
    message: `The guest could not mount the project at ${f.target}: ${f.reason}`,
    hint: "See more with DEBUG=cloche:*; the end of the guest's console is in cloche:console.",
  }),
});
