import { join } from "node:path";
import { cleanAddress, rulesFor } from "./addresses.ts";
import type { Preset } from "./preset.ts";

const SETTINGS = "/etc/cloche/maven-settings.xml";
const COMMENT = /<!--[\s\S]*?-->/g;
const NAME = /^[\w.,:*!-]+$/;

/** The mirrors that the host's maven is configured with. */
export const maven: Preset = async (host) => {
  const text = (host.read(join(host.home, ".m2/settings.xml")) ?? host.read("/etc/maven/settings.xml") ?? "").replace(COMMENT, "");
  const mirrors = [...text.matchAll(/<mirror>([\s\S]*?)<\/mirror>/g)].flatMap(([, body = ""], index) => {
    const address = cleanAddress(element(body, "url") ?? "");
    const of = element(body, "mirrorOf") ?? "central";
    return address === undefined || !NAME.test(of) ? [] : [{ id: `mirror-${index}`, of, address }];
  });
  const repositories = [...text.matchAll(/<(?:pluginR|r)epository>([\s\S]*?)<\/(?:pluginR|r)epository>/g)].flatMap(([, body = ""]) => cleanAddress(element(body, "url") ?? "") ?? []);
  const addresses = [...mirrors.map(({ address }) => address), ...repositories];
  if (addresses.length === 0) return { why: "the host's maven names no mirror or repository in its settings, and cannot be asked for its own" };
  const elements = mirrors.map(({ id, of, address }) => `<mirror><id>${id}</id><mirrorOf>${of}</mirrorOf><url>${escaped(address)}</url></mirror>`);
  return {
    rules: rulesFor(addresses),
    env: { MAVEN_ARGS: `--settings ${SETTINGS}` },
    files: [{ path: SETTINGS, content: `<settings><mirrors>${elements.join("")}</mirrors></settings>\n`, mode: 0o644 }],
  };
};

function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>\\s*([^<]*?)\\s*</${name}>`).exec(xml)?.[1];
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
