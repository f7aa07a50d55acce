import { failures } from "../support/errors.ts";

/** How starting and reaching a machine can fail. */
export const fail = failures({
  SHARE_TAG_INVALID: (f: { tag: string }) => ({
    message: `"${f.tag}" is not a name for a share.`,
    hint: "Use up to 31 small letters, digits and dashes.",
  }),
  SHARE_TWICE: (f: { tag: string }) => ({
    message: `Two plugins share a directory under the name "${f.tag}".`,
    hint: "Give one of them another name.",
  }),
  TOOL_MISSING: (f: { name: string }) => ({
    message: `The program "${f.name}" is not on this system.`,
    hint: "`cloche doctor --fix` installs what is missing.",
  }),
  NETWORK_FAILED: (f: { detail: string }) => ({
    message: `The jail's network could not be made: ${f.detail}`,
    hint: "`cloche doctor` says what this system refuses.",
  }),
  DOORWAY_FAILED: (f: { what: string; detail: string }) => ({
    message: `Could not open ${f.what} inside the jail: ${f.detail}`,
    hint: "Look whether two rules or plugins want the same port; `DEBUG=cloche:*` shows more.",
  }),
});
