/** Typed services that plugins lend each other; the plugin that provides one declares it here by `declare module`. */
export interface Services {}
