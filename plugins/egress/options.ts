import { isIP } from "node:net";
import { isAbsolute } from "node:path";
import { z } from "zod";
import { PRESETS, type PresetName } from "./presets/presets.ts";
import { readRule } from "./policy/rule.ts";
import { readUpstreamKey } from "./policy/upstream.ts";

const written = z.union([
  z.string(),
  z.strictObject({
    host: z.string().describe("host, host:port, *.domain or an IP address"),
    ports: z.array(z.int().min(1).max(65_535)).optional().describe("TCP ports instead of 443 and 80"),
    methods: z.array(z.string()).optional().describe("HTTP methods; the gateway then intercepts the name's TLS to see them"),
    paths: z.array(z.string()).optional().describe("Paths, exact or up to a final star; the gateway then intercepts the name's TLS"),
    private: z.boolean().optional().describe("The host may have an address of a private network"),
  }),
], { error: "write a rule as a text, or as an object { host, ports, methods, paths, private }" });

const ruleFor = (purpose: "allow" | "deny") =>
  written.superRefine((text, context) => {
    const reading = readRule(text, purpose);
    if ("why" in reading) context.addIssue({ code: "custom", message: `not a rule: ${reading.why}` });
  });

const MOST_RULES = 10_000;

const upstream = z.strictObject({
  address: z
    .string()
    .refine((text) => isIP(text) !== 0, "not an IP address")
    .describe("IP address to dial instead; also a private one, since you name it"),
  port: z.int().min(1).max(65_535).describe("TCP port to dial instead"),
  ca: z
    .string()
    .refine(isAbsolute, "not an absolute path")
    .optional()
    .describe("PEM file on the host with certificates that the guest shall trust for it"),
});

/** What a user may say of egress; a project's file may say nothing of it. */
export const options = z.strictObject({
  mode: z
    .enum(["allowlist", "open", "off"])
    .default("allowlist")
    .describe("allowlist: what the rules name; open: every public address, still through the gateway; off: nothing"),
  allow: z
    .array(ruleFor("allow"))
    .max(MOST_RULES)
    .default([])
    .describe("Hosts that the guest may reach: host (ports 443 and 80), host:port, *.domain, an address, or an object; an empty list means none"),
  presets: z
    .array(z.enum(Object.keys(PRESETS) as [PresetName, ...PresetName[]]))
    .default([])
    .describe("Package ecosystems that the guest may use: from where this host itself gets them, to which the guest's clients are set"),
  deny: z.array(ruleFor("deny")).max(MOST_RULES).default([]).describe("Hosts that it may not reach, whatever allows them; on every port when none is named"),
  ask: z
    .boolean()
    .optional()
    .describe("Hold a connection to a host that no rule names until you answer with cloche egress allow or deny; when not given, for an agent or a shell at a terminal"),
  record: z.boolean().default(false).describe("Lets everything public through and says at the end which rules would have done; for a task that you trust"),
  askFor: z.string().regex(/^[1-9][0-9]{0,3}s$/, 'Write seconds, such as "60s"').default("60s").describe("How long a held connection waits for your answer; no answer is a no"),
  notify: z.boolean().default(true).describe("Also tell you on the desktop what waits and what was refused, where there is a desktop"),
  upstreams: z
    .record(z.string(), upstream)
    .superRefine((upstreams, context) => {
      for (const key of Object.keys(upstreams).filter((text) => readUpstreamKey(text) === undefined)) {
        context.addIssue({ code: "custom", path: [key], message: "neither a host name nor host:port" });
      }
    })
    .default({})
    .describe("Sends a name to another address: host (port 443) or host:port of the guest's connection → where to dial"),
});

/** The options as they reach the plugin. */
export type EgressOptions = z.output<typeof options>;
