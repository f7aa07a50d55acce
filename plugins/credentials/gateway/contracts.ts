import type { Contracts } from "../../../core/services.ts";

/** What the gateway hands to its parts. */
export type GatewayPart = Contracts["gatewayPart"];
export type PassingRequest = Contracts["passingRequest"];
export type PassingResponse = Contracts["passingResponse"];
