import { within } from "./mutation.ts";

/** What keeps the guest from the network beyond the rules. */
export const EGRESS = within("plugins/egress", "test/plugins/egress/**/*.test.ts", [
  ["gateway/connections/tls.ts", "canonicalName(serverName) === name", "canonicalName(serverName) !== undefined"],
  ["gateway/connections/splice.ts", 'from.on("error", () => to.resetAndDestroy());', 'from.on("error", () => {});'],
  ["gateway/connections/door.ts", "open > MOST_CONNECTIONS ?", "false ?"],
  ["gateway/connections/door.ts", "name === undefined || refusal !== undefined", "name === undefined"],
  ["gateway/main.ts", 'process.on("disconnect", () => process.exit(0));', ""],
  ["policy/policy.ts", "const rule = this.#ports.get(name)?.get(port);", "const rule = [...(this.#ports.get(name)?.values() ?? [])][0];"],
  ["policy/policy.ts", 'return rule ? allowedBy(rule) : { allowed: false, why: "no rule names this host" }', 'return { allowed: true, why: "" }'],
  ["gateway/dial.ts", 'classify(address) !== "public" || isOwnAddress(address)', "isOwnAddress(address)"],
  ["gateway/dial.ts", "|| isOwnAddress(address)", ""],
  ["gateway/http/request-check.ts", "if (more.length > 0)", "if (false)"],
  ["gateway/http/request-check.ts", "|| canonicalName(hostName) !== name", ""],
  ["gateway/http/request-check.ts", "|| portMeant !== port", ""],
  ["gateway-process.ts", "env: {},", ""],
  ["gateway-process.ts", "if (!ending) onGone", "if (false) onGone"],
  ["gateway/dns/query.ts", 'if (label.includes(".")) return undefined;', ""],
  ["names/canonical-name.ts", "if (ENDS_IN_NUMBER.test(name) || LOCAL.test(name)) return undefined;", ""],
  ["addresses/classify.ts", "return isIsatap(groups) ?", "return false ?"],
  ["gateway/connections/client-hello.ts", "if (end !== undefined && end > LARGEST_HELLO)", "if (false)"],
  ["gateway/audit.ts", "if (this.#bytes + line.length > LARGEST_BYTES)", "if (false)"],
  ["service.ts", "if (this.#sealed) throw", "if (false) throw"],
  ["gateway/dns/servers.ts", "if (open >= MOST_CONNECTIONS)", "if (false)"],
]);
