import { createRequire } from "node:module";

/**
 * Node's HTTP. Imported as a module it would bring all that it can export, Node's other HTTP client and its WebSockets among that: 12 MB and
 * ten times as long to load, in the middle of a guest's first request.
 */
export const { Agent, createServer, request, ServerResponse, STATUS_CODES } = createRequire(import.meta.url)("node:http") as typeof import("node:http");
