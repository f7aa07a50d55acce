import { failures } from "../support/errors.ts";

/** How setting up the host can fail. */
export const fail = failures({
  INSTALL_NOT_ROOT: (f: { packages: string; command: string }) => ({
    message: `These packages are missing, and only root may install them: ${f.packages}.`,
    hint: `Run: ${f.command}`,
  }),
  INSTALL_FAILED: (f: { packages: string; command: string; output: string }) => ({
    message: `Installing ${f.packages} failed:\n${f.output}`,
    hint: `Try by hand: ${f.command}`,
  }),
  INSTALL_UNKNOWN: (f: { missing: string }) => ({
    message: `The host lacks ${f.missing}, and we know no package of this system that brings it.`,
    hint: `Install it by your own means, then see "cloche doctor".`,
  }),
});
