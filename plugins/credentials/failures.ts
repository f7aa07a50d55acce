import { failures } from "../../core/index.ts";

/** How what the user gave as a credential can be unusable; a message names the place of a secret, never its value. */
export const fail = failures({
  CREDENTIALS_KEY_UNUSABLE: (f: { variable: string }) => ({
    message: `The variable ${f.variable} does not hold an API key: it has characters that no key has, such as a space or a line break.`,
    hint: "Set it to the key alone, and start again.",
  }),
});
