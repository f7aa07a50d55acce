import { failures } from "../support/errors.ts";

/** How getting something from the npm registry can fail. */
export const fail = failures({
  NPM_MISSING: (f: { what: string }) => ({
    message: `${f.what} is an npm package, and there is no npm beside Node or on the PATH.`,
    hint: "Install npm, for instance with the package manager that Node came from.",
  }),
  NPM_FAILED: (f: { what: string; detail: string; hint: string }) => ({
    message: `npm could not get ${f.what}: ${f.detail}`,
    hint: f.hint,
  }),
  NPM_LATE: (f: { what: string; deadlineMs: number }) => ({
    message: `npm did not get ${f.what} within ${f.deadlineMs / 1000} s.`,
    hint: "Look at the network, or at the registry in your npm configuration, and start again.",
  }),
  NPM_CHECKSUM_UNKNOWN: (f: { what: string }) => ({
    message: `The npm registry has no sha512 checksum for ${f.what}.`,
    hint: "Choose another version, or the one that is pinned when you name none.",
  }),
  NPM_CHECKSUM_WRONG: (f: { what: string; expected: string; found: string }) => ({
    message: `What npm answered for ${f.what} is not the package that was published: its checksum is ${f.found} instead of ${f.expected}.`,
    hint: "Look at the registry or the mirror in your npm configuration. Nothing of it was installed.",
  }),
  NPM_UNPACK_FAILED: (f: { what: string; detail: string }) => ({
    message: `${f.what} cannot be unpacked: ${f.detail}`,
    hint: "Start again; if it stays so, choose another version.",
  }),
  NPM_NO_SPACE: (f: { what: string; directory: string }) => ({
    message: `There is no space left for ${f.what} in ${f.directory}.`,
    hint: "It takes up to 1 GiB while it is installed. Make room, and start again.",
  }),
});
