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
});
