import { failures } from "../../core/index.ts";

/** How what the user gave as a credential can be unusable; a message names the place of a secret, never its value. */
export const fail = failures({
  CREDENTIALS_SECRET_UNUSABLE: (f: { what: string; where: string; why: string }) => ({
    message: `${f.what} cannot be used: it comes from ${f.where}, and ${f.why}.`,
    hint: "See that it gives the value alone, in one line, or take the entry out of your configuration.",
  }),
  CREDENTIALS_LOGIN_MISSING: (f: { login: string; why: string }) => ({
    message: `credentials.login is "${f.login}", but ${f.why}.`,
    hint: "Set it up, or choose another way with credentials.login: auto, key, token, host, inside or none.",
  }),
  CREDENTIALS_SERVICE_UNUSABLE: (f: { variable: string; why: string }) => ({
    message: `The agent cannot use the service that ${f.variable} names: ${f.why}.`,
    hint: "Unset the variable for this start, or choose another way with credentials.login.",
  }),
  CREDENTIALS_REFRESH_FAILED: (f: { detail: string }) => ({
    message: `The host's own Claude did not renew its login: ${f.detail}`,
    hint: "Run `claude` on the host and log in, then start again.",
  }),
});
