import { isIP } from "node:net";
import { isAbsolute } from "node:path";
import { z } from "zod";
import { readRule } from "./policy/rule.ts";
import { readUpstreamKey } from "./policy/upstream.ts";

const rule = z.string().superRefine((text, context) => {
  const reading = readRule(text);
  if ("why" in reading) context.addIssue({ code: "custom", message: `not a rule: ${reading.why}` });
});

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
  allow: z.array(rule).default([]).describe("Hosts that the guest may reach: host (ports 443 and 80) or host:port; an empty list means none"),
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
