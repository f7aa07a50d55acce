// A part of the gateway that has one name intercepted, and does nothing else.
import type { GatewayPart } from "../../plugins/egress/parts.ts";

const part: GatewayPart<unknown> = ({ hooks }) => {
  hooks.intercept.tap("bench", (name) => name === "seen.test");
};

export default part;
