import { z } from "zod";
import { keySource, login, refreshLogin, service } from "./login/options.ts";
import { mask, scan } from "./project/options.ts";
import { repositories } from "./repositories/options.ts";
import { secrets } from "./secrets/options.ts";
import { stageOptions } from "./staging/options.ts";

/** What a user may say of credentials; a project's file may say nothing of them. */
export const options = z.strictObject({
  login,
  keySource,
  refreshLogin,
  service: service.prefault({}),
  stage: stageOptions.prefault({}).describe("Which of your configuration crosses into the guest"),
  secrets: secrets.default({}).describe("Secrets that the gateway puts into requests, while the guest has placeholders: by name, with source, hosts, place and variable; ready-made are openai, google, github and npm"),
  git: repositories.default({}).describe("Repositories over https that the guest may use with a token of yours: by host, with source, user, push and fetch"),
  mask,
  scan,
});

/** The options as they reach the plugin. */
export type CredentialsOptions = z.output<typeof options>;
