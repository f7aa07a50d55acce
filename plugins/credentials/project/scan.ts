import { readdirSync, type Dirent } from "node:fs";
import { join } from "node:path";
import { readBounded } from "../staging/read.ts";
import { secretIn } from "../staging/suspicious.ts";

/** A file of the project that seems to hold a secret. */
export interface Suspicion {
  /** Path in the project. */
  readonly path: string;
  readonly what: string;
}

interface Rule {
  readonly name: RegExp;
  /** What the content holds that should not be seen; undefined when it is harmless. */
  find(text: string): string | undefined;
}

const LARGEST_BYTES = 256 * 1024;
const MOST_ENTRIES = 20_000;
const DEEPEST = 4;
const MOST_FOUND = 50;
const SKIPPED: ReadonlySet<string> = new Set(["node_modules", "vendor", "target", "dist", "build", ".venv", "venv", "__pycache__", ".cache"]);

// A name that says what it holds, and a value that is none of the usual stand-ins.
const ASSIGNMENT = /(?:^|[{,])[ \t]*(?:export\s+)?["']?[\w.-]*(?:key|token|secret|passw(?:or)?d|pwd|credential|private|dsn|auth)[\w.-]*["']?\s*[=:]\s*["']?([^\s"'#]{8,})/gim;
const STAND_IN = /^(?:<.*|\$.*|x+|\*+|\.+|changeme.*|change[-_]me.*|your[-_]?.*|example.*|dummy.*|placeholder.*|todo.*|true|false|null|none|localhost.*|test.*)$/i;

function assigned(text: string): string | undefined {
  for (const [, value = ""] of text.matchAll(ASSIGNMENT)) if (!STAND_IN.test(value)) return "a password or key";
  return secretIn(text);
}

/** Where secrets stand in projects, by the names of files. */
const RULES: readonly Rule[] = [
  { name: /^\.env(\.(?!example$|sample$|template$|dist$|defaults$).*)?$/, find: assigned },
  { name: /^\.(npmrc|yarnrc|yarnrc\.yml)$/, find: (text) => (/(_authToken|_auth|_password|npmAuthToken|npmAuthIdent)["']?\s*[=:]\s*["']?(?!\$)[^\s"']{6,}/i.test(text) ? "a registry's token" : secretIn(text)) },
  { name: /^\.(netrc|pypirc|pgpass|git-credentials)$/, find: (text) => (/\bpassword\s*[=: ]\s*\S+|^[^#\n]+:[^:\n]+:[^:\n]+:[^:\n]+:\S+|:\/\/[^\s/@:]+:[^\s/@]+@/im.test(text) ? "a password" : secretIn(text)) },
  { name: /^(id_(rsa|dsa|ecdsa|ed25519)|.*\.(pem|key|p8))$/, find: (text) => (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(text) ? "a private key" : undefined) },
  { name: /^(credentials|secrets?|service[-_]account.*)\.(json|ya?ml|toml|ini)$/i, find: assigned },
  { name: /^(terraform\.tfvars|.*\.auto\.tfvars|application(-\w+)?\.(properties|ya?ml)|local\.settings\.json|\.htpasswd|wp-config\.php)$/, find: assigned },
];
const GIT_CONFIG = /:\/\/[^\s/@]+@|extraheader\s*=\s*\S+|^\s*(password|token)\s*=\s*\S+/im;

/** Looks for secrets where they usually stand in a project; bounded, and without following links. It says where, never what. */
export function scanProject(project: string): readonly Suspicion[] {
  const found: Suspicion[] = [];
  let entries = 0;

  function look(path: string, find: Rule["find"]): void {
    const reading = readBounded(join(project, path), LARGEST_BYTES);
    const what = "content" in reading ? find(reading.content.toString("latin1")) : undefined;
    if (what !== undefined && found.length < MOST_FOUND) found.push({ path, what });
  }

  function walk(folder: string, depth: number): void {
    for (const entry of entriesOf(join(project, folder))) {
      if ((entries += 1) > MOST_ENTRIES) return;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && entry.name === ".git") look(`${path}/config`, (text) => (GIT_CONFIG.test(text) ? "a token in a remote" : secretIn(text)));
      else if (entry.isDirectory() && depth < DEEPEST && !SKIPPED.has(entry.name)) walk(path, depth + 1);
      else if (entry.isFile()) for (const rule of RULES) if (rule.name.test(entry.name)) look(path, rule.find);
    }
  }

  walk("", 0);
  return found;
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // what we cannot read the guest cannot either
  }
}
