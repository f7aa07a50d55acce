/** Types that a plugin offers to the authors of others beside its services, declared in the same way: `Contracts["gatewayPart"]`. */
export interface Contracts {}

/** Typed services that plugins lend each other; the plugin that provides one declares it here by `declare module`. */
export interface Services {}
