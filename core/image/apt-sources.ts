/** One place that apt fetches packages from: an address with a suite. */
export interface AptSource {
  /** Address without credentials. */
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** Path of the keyring that it is bound to, when it names one. */
  readonly signedBy?: string;
  /** User name and password that stood in the address, decoded. */
  readonly login?: { readonly user: string; readonly password: string };
}

/** Reads apt's one-line format (`sources.list`, `*.list`). What is not a usable binary source is left out. */
export function parseOneLine(text: string): AptSource[] {
  return text.split("\n").flatMap((raw) => {
    const line = raw.replace(/#.*/, "").trim();
    const match = /^deb\s+(?:\[(?<options>[^\]]*)\]\s+)?(?<uri>\S+)\s+(?<suite>\S+)(?:\s+(?<components>.+))?$/.exec(line);
    if (!match?.groups) return [];
    const { options = "", uri = "", suite = "", components = "" } = match.groups;
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1];
    return source(uri, suite, words(components), signedBy);
  });
}

/** Reads apt's deb822 format (`*.sources`): one source for each address and suite of each enabled stanza. */
export function parseDeb822(text: string): AptSource[] {
  return stanzas(text).flatMap((fields) => {
    const get = (name: string) => fields.get(name) ?? "";
    if (/^(no|false|0|off|without|disable)$/i.test(get("enabled").trim())) return [];
    if (!words(get("types")).includes("deb")) return [];
    const components = words(get("components"));
    const signedBy = words(get("signed-by"))[0];
    // an armoured key may stand in the field itself; that is a key of their own, not a file
    const keyring = signedBy?.startsWith("-----BEGIN") ? "inline" : signedBy;
    return words(get("uris")).flatMap((uri) => words(get("suites")).flatMap((suite) => source(uri, suite, components, keyring)));
  });
}

function source(uri: string, suite: string, components: readonly string[], signedBy: string | undefined): AptSource[] {
  if (!URL.canParse(uri) || !/^(https?|file):$/.test(new URL(uri).protocol)) return [];
  const url = new URL(uri);
  const login = url.username === "" ? undefined : { user: decoded(url.username), password: decoded(url.password) };
  url.username = "";
  url.password = "";
  const clean = url.href.replace(/\/+$/, "");
  return [{ uri: clean, suite, components, ...(signedBy === undefined ? {} : { signedBy }), ...(login ? { login } : {}) }];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray percent sign, which apt takes as it is
  }
}

function stanzas(text: string): Map<string, string>[] {
  const all: Map<string, string>[] = [];
  let fields = new Map<string, string>();
  let name = "";
  for (const line of [...text.split("\n"), ""]) {
    if (line.startsWith("#")) continue;
    const field = /^([A-Za-z0-9-]+):(.*)$/.exec(line);
    if (line.trim() === "") {
      if (fields.size > 0) all.push(fields);
      fields = new Map();
    } else if (field) {
      name = (field[1] ?? "").toLowerCase();
      fields.set(name, field[2] ?? "");
    } else {
      fields.set(name, `${fields.get(name) ?? ""}\n${line}`);
    }
  }
  return all;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
