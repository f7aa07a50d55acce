/** Makes a unique marker for each string that it is asked for, and knows where each stands. */
export class Markers {
  readonly all = new Map<string, string>();
  /** What all of them begin with. */
  readonly beginning: string;

  constructor(beginning = "canary") {
    this.beginning = beginning;
  }

  at(where: string): string {
    const marker = `${this.beginning}${String(this.all.size).padStart(4, "0")}x`;
    this.all.set(marker, where);
    return marker;
  }

  /** The same object with a marker in place of every string in it, but for the words that give it its shape. */
  in<T>(value: T, where: string): T {
    if (typeof value === "string") return (value === "" ? this.at(where) : value) as T;
    if (Array.isArray(value)) return value.map((each: unknown, index) => this.in(each, `${where}[${index}]`)) as T;
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.in(each as unknown, `${where}.${key}`)])) as T;
  }
}

const SETTINGS = {
  apiKeyHelper: "", awsCredentialExport: "", awsAuthRefresh: "", gcpAuthRefresh: "", otelHeadersHelper: "", proxyAuthHelper: "",
  model: "", outputStyle: "", language: "", theme: "", effortLevel: "", unknownKey: { deep: [""] },
  env: { ANTHROPIC_API_KEY: "", ANTHROPIC_AUTH_TOKEN: "", ANTHROPIC_CUSTOM_HEADERS: "", AWS_SECRET_ACCESS_KEY: "", MAX_THINKING_TOKENS: "", DISABLE_TELEMETRY: "", OTHER: "" },
  permissions: { allow: ["", ""], deny: [""], ask: [""], additionalDirectories: [""], defaultMode: "" },
  hooks: { PreToolUse: [{ matcher: "", hooks: [{ type: "command", command: "" }] }], SessionStart: [{ hooks: [{ type: "prompt", prompt: "" }] }] },
  statusLine: { type: "command", command: "" }, fileSuggestion: { type: "command", command: "" }, subagentStatusLine: { type: "command", command: "" },
  enabledPlugins: { "a@b": "" }, extraKnownMarketplaces: { x: { source: { source: "", repo: "" } } }, sshConfigs: [{ id: "", host: "" }],
  attribution: { commit: "", pr: "", sessionUrl: "" }, worktree: { symlinkDirectories: [""] }, pluginConfigs: { x: { options: { token: "" } } },
};

const SERVER = { type: "stdio", command: "", args: ["", ""], env: { TOKEN: "", OTHER: "" } };
const REMOTE = { type: "http", url: "", headers: { Authorization: "", "X-Key": "" } };

const STATE = {
  theme: "", editorMode: "", userID: "", machineID: "", primaryApiKey: "", customApiKeyResponses: { approved: [""], rejected: [""] },
  oauthAccount: { accountUuid: "", emailAddress: "", organizationName: "" }, mcpServers: { one: SERVER, two: REMOTE }, env: { X: "" },
  cachedFeatureFlags: { a: "" }, githubRepoPaths: { "me/x": [""] }, lastOnboardingVersion: "", preferredNotifChannel: "", tipsHistory: { a: "" },
};

const ENTRY = {
  allowedTools: [""], mcpContextUris: [""], mcpServers: { three: SERVER }, enabledMcpjsonServers: [""], lastSessionId: "", history: [{ display: "", pastedContents: { 1: { content: "" } } }],
  exampleFiles: [""], lastModelUsage: { x: { model: "" } }, hasTrustDialogAccepted: true,
};

const GIT_KEYS = [
  "credential.helper", "credential.username", "github.token", "github.user", "http.proxy", "http.extraHeader", "http.sslKey", "http.cookieFile", "remote.pushDefault",
  "user.signingKey", "gpg.program", "gpg.format", "core.sshCommand", "core.askPass", "core.editor", "core.pager", "core.fsmonitor", "core.hooksPath", "core.gitProxy",
  "sendemail.smtpPass", "sendemail.smtpUser", "imap.pass", "commit.template", "diff.external", "merge.tool", "sequence.editor", "init.templateDir", "web.browser",
];

/** The marker in place of every value that a git configuration can hold, and an identity of the right kind. */
function gitConfig(markers: Markers): string {
  const plain = GIT_KEYS.map((key) => {
    const [section, name] = key.split(".");
    return `[${section}]\n\t${name} = ${markers.at(`git ${key}`)}\n`;
  });
  const secret = (where: string): string => markers.at(`git ${where}`);
  return `${plain.join("")}
[user]
	name = ${secret("user.name")}
	email = ${secret("user.email")}@example.com
[url "https://${secret("url")}@github.com/"]
	insteadOf = ${secret("insteadOf")}
[remote "origin"]
	url = https://x:${secret("remote.url")}@example.com/x.git
	pushurl = ${secret("pushurl")}
[credential "https://example.com"]
	helper = "!echo password=${secret("helper")}"
[http "https://example.com"]
	extraHeader = "Authorization: Basic ${secret("extraHeader")}"
[alias]
	run = "!curl -H ${secret("shell alias")} example.com"
	sneaky = "-c http.extraHeader=${secret("alias with -c")} fetch"
	st = status --short
[filter "x"]
	clean = ${secret("filter")}
[includeIf "gitdir:/somewhere/else/"]
	path = ${secret("includeIf")}
`;
}

/** Where a configuration is written: below a home, for a project. */
export interface MaximalHome {
  readonly project: string;
  write(name: string, content: string | object): void;
}

/** Writes a configuration with a marker in every string of it, and answers the host's environment that goes with it. */
export function fillMaximal(home: MaximalHome, markers: Markers): Readonly<Record<string, string>> {
  const document = (where: string): string => `---\ndescription: ${markers.at(`${where} head`)}\n---\n${markers.at(where)}\n`;
  home.write(".claude/settings.json", markers.in(SETTINGS, "settings"));
  home.write(".claude/settings.local.json", markers.in(SETTINGS, "local settings"));
  home.write(".claude.json", { ...markers.in(STATE, "state"), projects: { [home.project]: markers.in(ENTRY, "this project"), "/other": markers.in(ENTRY, "other project") } });
  home.write(".claude/.credentials.json", markers.in({ claudeAiOauth: { accessToken: "", refreshToken: "", scopes: [""] } }, "login"));
  for (const name of ["history.jsonl", "projects/-x/session.jsonl", "todos/a.json", "shell-snapshots/x.sh", "statsig/x", "ide/1.lock", "file-history/a", "debug/log", "plugins/installed_plugins.json", "plans/p.md", ".env", "backups/.claude.json.backup"]) {
    home.write(`.claude/${name}`, markers.at(`.claude/${name}`));
  }
  home.write(".claude/keybindings.json", { $schema: markers.at("$schema"), bindings: [{ context: markers.at("context"), bindings: { "ctrl+x": markers.at("action") } }] });
  for (const name of ["CLAUDE.md", "rules/style.md", "commands/do/it.md", "agents/one.md", "output-styles/terse.md", "skills/a/SKILL.md", "skills/a/run.sh"]) {
    home.write(`.claude/${name}`, document(`good ${name}`));
  }
  home.write(".claude/agents/with-hooks.md", `---\nname: x\nhooks:\n  Stop: [{command: "${markers.at("agent with hooks")}"}]\n---\n`);
  home.write(".claude/agents/with-servers.md", `---\nmcpServers: [{x: {env: {T: ${markers.at("agent with servers")}}}}]\n---\n`);
  home.write(".claude/skills/a/.env", markers.at("environment file of a skill"));
  home.write(".gitconfig", gitConfig(markers));
  home.write(".config/git/ignore", `${markers.at("good ignore")}\n`);
  home.write(".config/git/credentials", `https://me:${markers.at("git credentials")}@example.com\n`);
  home.write(".git-credentials", `https://me:${markers.at("git-credentials")}@example.com\n`);
  home.write(".npmrc", `//registry.test/:_authToken=${markers.at("npm token")}\nproxy=http://u:${markers.at("npm proxy")}@proxy.test\nemail=${markers.at("npm email")}\n`);
  home.write(".netrc", `machine x login y password ${markers.at("netrc")}\n`);
  home.write(".config/apt/auth.conf", `machine x login y password ${markers.at("apt")}\n`);
  home.write(".ssh/id_ed25519", markers.at("ssh key"));
  home.write(".aws/credentials", markers.at("aws"));
  const names = ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "GITHUB_TOKEN", "NPM_TOKEN", "AWS_SECRET_ACCESS_KEY", "LANGCHAIN_API_KEY", "GIT_AUTHOR_NAME", "SSH_AUTH_SOCK"];
  return Object.fromEntries([...names, ...Array.from({ length: 200 }, (_, index) => `CANARY_${index}`)].map((name) => [name, markers.at(`environment ${name}`)]));
}

/** Where the markers stand that may cross. */
export const GOOD: readonly string[] = [
  ...["CLAUDE.md", "rules/style.md", "commands/do/it.md", "agents/one.md", "output-styles/terse.md", "skills/a/SKILL.md", "skills/a/run.sh"].flatMap((name) => [`good ${name}`, `good ${name} head`]),
  "good ignore", "git user.name", "git user.email",
  // names that people choose: of a model, a style and a language, the words of an attribution, and of tools in rules
  "settings.model", "settings.outputStyle", "settings.language", "settings.attribution.commit", "settings.attribution.pr",
  "settings.permissions.allow[0]", "settings.permissions.allow[1]", "settings.permissions.deny[0]", "settings.permissions.ask[0]",
].sort();
