import { failures } from "../../core/index.ts";

/** How the gateway and what it is told can fail. */
export const fail = failures({
  EGRESS_RULE_INVALID: (f: { rule: string; by: string; why: string }) => ({
    message: `"${f.rule}", which "${f.by}" wants to allow, is not a rule: ${f.why}.`,
    hint: "A rule is host, host:port, *.domain, an address, or an object { host, ports, methods, paths, private }.",
  }),
  EGRESS_RULE_LATE: (f: { rule: string; by: string }) => ({
    message: `"${f.by}" wants to allow "${f.rule}" when the gateway has started already.`,
    hint: "A plugin allows hosts in build or boot.",
  }),
  EGRESS_NOT_ASKED: (f: { what: string }) => ({
    message: `No connection waits for your answer about ${f.what}.`,
    hint: "`cloche egress status` lists what waits. Without --once the answer holds for the session, whether something waits or not.",
  }),
  EGRESS_ONCE_ALWAYS: () => ({
    message: "--once and --always contradict each other.",
    hint: "Without either, the answer holds for the session.",
  }),
  EGRESS_TIME_FORM: (f: { text: string }) => ({
    message: `"${f.text}" is no time.`,
    hint: "Write a number and s, m or h, such as 10m.",
  }),
  EGRESS_NO_LOG: (f: { project: string; session: string | undefined }) => ({
    message: `There is no log of egress for ${f.session === undefined ? "" : `the session ${f.session} in `}${f.project}.`,
    hint: "Each session of the last ones keeps one; name the project with -C, or the file.",
  }),
  EGRESS_PROXY_INVALID: (f: { variable: string; why: string }) => ({
    message: `The proxy in ${f.variable} cannot be used: ${f.why}.`,
    hint: "Write http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT, or take the variable away.",
  }),
  EGRESS_CA_UNREADABLE: (f: { host: string; path: string; reason: string }) => ({
    message: `The certificates in ${f.path}, which egress.upstreams names for ${f.host}, cannot be used: ${f.reason}`,
    hint: "Name a PEM file with one certificate or more, at most 1 MiB.",
  }),
  EGRESS_PART_LATE: (f: { by: string }) => ({
    message: `"${f.by}" wants to add a part to the gateway when it has started already.`,
    hint: "A plugin contributes its part in build or boot.",
  }),
  EGRESS_PART_TWICE: (f: { by: string }) => ({
    message: `"${f.by}" adds a second part to the gateway.`,
    hint: "A plugin contributes one part; let its module load the others.",
  }),
  EGRESS_PART_MISSING: (f: { by: string; module: string }) => ({
    message: `The part that "${f.by}" adds to the gateway is not there: ${f.module}`,
    hint: "A part is a file of the plugin, named by new URL(…, import.meta.url).",
  }),
  EGRESS_PART_EARLY: (f: { by: string }) => ({
    message: `"${f.by}" asks its part of the gateway, which does not run yet.`,
    hint: "A plugin asks its part from provision on.",
  }),
  EGRESS_GATEWAY_FAILED: (f: { detail: string }) => ({
    message: `The gateway did not start: ${f.detail}`,
    hint: "See what it says with DEBUG=cloche:egress.",
  }),
  EGRESS_GATEWAY_GONE: (f: { detail: string }) => ({
    message: `The gateway, the guest's only way to the network, ended: ${f.detail}`,
    hint: "Nothing more got out. Start again; see what it says with DEBUG=cloche:egress.",
  }),
});
