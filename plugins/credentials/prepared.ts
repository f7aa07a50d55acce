import { hide, type GuestFile, type SessionFacts, type Services } from "../../core/index.ts";
import { readHostLogin, type HostLogin } from "./gateway/service/host-login.ts";
import { agentEnvironment } from "./login/agent-environment.ts";
import { refreshHostLogin } from "./login/refresh.ts";
import { readyLogin } from "./login/session-login.ts";
import type { Way } from "./login/ways.ts";
import type { CredentialsOptions } from "./options.ts";
import { gitConfigFor, readGitHosts } from "./repositories/repositories.ts";
import { readSource } from "./secrets/source.ts";
import { disguiseWith, readSecrets, secretsOf } from "./secrets/table.ts";
import { QUESTIONS, type GatewayOptions } from "./gateway/options.ts";
import { hostPlaces } from "./staging/places.ts";
import { stage } from "./staging/stage.ts";
import type { Staging } from "./staging/staging.ts";

/** All that a session's guest gets of the user's, and what the gateway knows instead. */
export interface Prepared {
  readonly staging: Staging;
  /** Files beside what is staged. */
  readonly files: readonly GuestFile[];
  /** Variables of every command, and of the agent alone. */
  readonly variables: Readonly<Record<string, string>>;
  readonly agentVariables: Readonly<Record<string, string>>;
  readonly gateway: GatewayOptions;
}

/** Reads every secret at once, and stages the configuration. Throws CREDENTIALS_SECRET_UNUSABLE for whatever cannot be used. */
export async function prepare(way: Way, options: CredentialsOptions, session: SessionFacts, signal: AbortSignal): Promise<Prepared> {
  const places = hostPlaces(session.hostEnv, session.project);
  const reach = { env: session.hostEnv, signal };
  const asAgent = { env: agentEnvironment(session.hostEnv, places), signal };
  const secrets = secretsOf(options.secrets);
  const [login, swaps, git] = await Promise.all([
    readyLogin(way, { allow: options.service.allow, refreshLogin: options.refreshLogin }, asAgent),
    readSecrets(secrets, reach),
    readGitHosts(options.git, reach),
  ]);
  const staging = stage(places, options.stage, disguiseWith(swaps));
  const placeholders = secrets.flatMap(({ name, variable }): [string, string][] => {
    const swap = swaps.find((each) => each.name === name);
    return variable === undefined || !swap ? [] : [[variable, swap.placeholder]];
  });
  return {
    staging,
    files: [...login.files, ...gitConfigFor(git.map(({ host }) => host))],
    variables: Object.fromEntries(placeholders),
    agentVariables: login.variables,
    gateway: { swaps, services: login.services, git },
  };
}

function hidden(login: HostLogin | undefined): HostLogin | undefined {
  for (const token of [login?.accessToken, login?.refreshToken]) if (token !== undefined) hide(token);
  return login;
}

/** Adds our part to the gateway, and answers what it asks. */
export function contribute(egress: Services["egress"], prepared: Prepared, way: Way, session: SessionFacts): void {
  const reach = { env: session.hostEnv, signal: new AbortController().signal };
  egress.contribute({
    by: "credentials",
    module: new URL("gateway/part.ts", import.meta.url),
    options: prepared.gateway,
    async answer(question) {
      if (question === QUESTIONS.login && way.kind === "host") return hidden(readHostLogin(way.file));
      if (question === QUESTIONS.refresh && way.kind === "host") return await refreshHostLogin({ file: way.file, stateDir: session.stateDir, env: session.hostEnv });
      if (question === QUESTIONS.token && way.kind === "model gateway" && "source" in way.gateway.credential) return await readSource(`The credential for ${way.gateway.host}`, way.gateway.credential.source, reach);
      throw new Error("credentials do not know this question");
    },
  });
}
