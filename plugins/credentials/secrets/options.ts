import { isAbsolute } from "node:path";
import { z } from "zod";
import { KNOWN } from "./known.ts";

const NAME = /^[a-z][a-z0-9-]{0,40}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,100}$/;
const HOST = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

/** A host name as secrets are bound to it: whole, in small letters. */
export const host = z.string().regex(HOST, "Write a whole host name in small letters, such as api.example.com");

/** Where a value comes from on the host. */
export const source = z
  .union([
    z.strictObject({ env: z.string().regex(VARIABLE, "This is not the name of a variable").describe("Variable of your environment") }),
    z.strictObject({ file: z.string().refine((path) => isAbsolute(path) || path.startsWith("~/"), "Write an absolute path, or one that begins with ~/").describe("File that holds the value alone") }),
    z.strictObject({ command: z.array(z.string().min(1)).min(1).describe("Program of the host and its arguments; it prints the value alone") }),
    z.strictObject({
      keyring: z.strictObject({
        service: z.string().min(1).describe("Attribute `service` of the entry"),
        account: z.string().min(1).optional().describe("Attribute `account` of the entry"),
      }).describe("Entry of the system's keyring, read by secret-tool or security"),
    }),
  ])
  .describe("Where the value comes from: env, file, command or keyring");

const place = z.union([
  z.literal("basic").describe("The password of HTTP's Basic scheme"),
  z.strictObject({ header: z.string().regex(TOKEN, "This is not the name of a header") }),
  z.strictObject({ query: z.string().regex(TOKEN, "This is not the name of a parameter") }),
]);

const entry = z.strictObject({
  source: source.optional(),
  hosts: z.array(host).min(1).max(50).optional().describe("Hosts that it may go to, over TLS"),
  place: z.array(place).min(1).max(10).optional().describe("Where in a request it belongs"),
  variable: z.string().regex(VARIABLE, "This is not the name of a variable").optional().describe("Variable of the guest that holds the placeholder"),
});

/** The table of secrets: each stays on the host, and the gateway puts it into requests to its hosts. */
export const secrets = z.record(z.string(), entry).superRefine((table, context) => {
  for (const [name, given] of Object.entries(table)) {
    const issue = (message: string) => context.addIssue({ code: "custom", path: [name], message });
    if (!NAME.test(name)) issue("This is not a name for a secret: small letters, digits and -");
    const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
    for (const part of ["source", "hosts", "place"] as const) {
      if (given[part] === undefined && known?.[part] === undefined) issue(`It needs \`${part}\`${known ? "" : `; without it there are ready-made: ${Object.keys(KNOWN).join(", ")}`}`);
    }
  }
});

/** Where a value comes from, as it reaches the plugin. */
export type Source = z.output<typeof source>;
/** One entry of the table. */
export type SecretEntry = z.output<typeof entry>;
