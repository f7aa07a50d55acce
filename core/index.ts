/** All that a plugin or an embedder may import. */
export { definePlugin } from "./plugin.ts";
export type { Plugin, PluginSpec, ProjectRights, Reach, SessionFacts } from "./plugin.ts";
export type { Hooks, Phase, Phases } from "./hooks.ts";
export type { Services } from "./services.ts";
export type { Recipe, RecipeDraft, RecipeFile, RecipeLayer } from "./image/recipe.ts";
export type { JailNetwork, MachineDraft, NetworkStep, Share } from "./machine/draft.ts";
export { openDoorway } from "./machine/doorway.ts";
export type { Door, DoorSpec } from "./machine/doorway.ts";
export type { Machine, MachineEnd } from "./machine/machine.ts";
export type { CommandEnd, CommandOutput, Guest, GuestChannel, GuestCommand, TerminalSize } from "./machine/guest.ts";
export type { LaunchDraft, LaunchRequest } from "./attach/launch.ts";
export { Disposers } from "./support/disposers.ts";
export { withDeadline } from "./support/deadline.ts";
export { ClocheError, failures, isFailure, messageOf } from "./support/errors.ts";
export { escapeLine, escapeText } from "./support/escape.ts";
export { hide, logger, withoutSecrets } from "./support/log.ts";
export type { Logger } from "./support/log.ts";
export type { Progress } from "./support/progress.ts";
