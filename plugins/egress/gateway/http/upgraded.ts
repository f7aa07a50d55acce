import { pipeline, type Duplex } from "node:stream";
import type { RequestPassing, ResponsePassing } from "../parts/passing.ts";

/** Two connections whose ends have agreed on another protocol than HTTP. */
export interface Upgraded {
  readonly guest: Duplex;
  readonly outside: Duplex;
  /** What came behind the heads already. */
  readonly fromGuest: Buffer;
  readonly fromHost: Buffer;
  readonly request: RequestPassing;
  readonly response: ResponsePassing;
}

/** Tells the guest that its protocol has changed, and passes bytes both ways until either side ends. */
export function upgraded({ guest, outside, fromGuest, fromHost, request, response }: Upgraded): void {
  const fields = response.headers.entries().map(([name, value]) => `${name}: ${value}\r\n`).join("");
  guest.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.upgrade ?? ""}\r\n${fields}\r\n`, "latin1");
  if (fromGuest.length > 0) guest.unshift(fromGuest);
  if (fromHost.length > 0) outside.unshift(fromHost);
  const cut = (): void => {
    guest.destroy();
    outside.destroy();
  };
  for (const passing of [request, response]) passing.whenRefused(cut);
  let open = 2;
  const done = (error?: Error | null): void => {
    open -= 1;
    if (error || open === 0) cut();
  };
  pipeline([guest, ...request.transforms, outside], done);
  pipeline([outside, ...response.transforms, guest], done);
}
