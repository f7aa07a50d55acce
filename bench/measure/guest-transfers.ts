import { once } from "node:events";
import { createServer } from "node:net";
import type { Place } from "../../test/support/place.ts";

/** What a client in the guest may do: take bytes, give bytes, or connect again and again. */
export type Transfer = "down" | "up" | "connect";

/** A server that the guest knows under an address. */
export interface Far {
  readonly host: string;
  readonly port: number;
}

const DEADLINE_MS = 10 * 60_000;
// The name is looked up once, before the clock runs.
const CLIENT = `
import socket, sys, time
kind, host, port, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
address = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)[0][4]
def connect(line):
    way = socket.create_connection(address)
    way.sendall(line)
    return way
block = bytearray(1 << 18)
print("begins", flush=True)
began = time.monotonic()
if kind == "connect":
    for _ in range(size):
        way = connect(b"connect 0\\n")
        assert way.recv(1) == b"."
        way.close()
else:
    way = connect(f"{kind} {size}\\n".encode())
    left = size
    while kind == "down" and left > 0:
        got = way.recv_into(block)
        assert got > 0
        left -= got
    while kind == "up" and left > 0:
        left -= way.send(memoryview(block)[:min(left, len(block))])
    if kind == "up":
        assert way.recv(1) == b"."
print(time.monotonic() - began)
`;

/** The command for a client in the guest. */
export function clientArgv(session: string, kind: Transfer, { host, port }: Far, size: number): readonly string[] {
  return ["exec", "--session", session, "--", "python3", "-c", CLIENT, kind, host, String(port), String(size)];
}

/** Seconds by the guest's clock that a transfer takes, from its first connection on. */
export async function transferSeconds(place: Place, session: string, kind: Transfer, far: Far, size: number): Promise<number> {
  const { status, stdout, stderr } = await place.cloche(clientArgv(session, kind, far, size), { input: "", deadlineMs: DEADLINE_MS }).ended;
  const seconds = Number(stdout.split("\n")[1]);
  if (status !== 0 || !(seconds > 0)) throw new Error(`the transfer ended with ${status}: ${stderr.trim()}`);
  return seconds;
}

/** How long each of some lines takes to the guest and back over a command that echoes them, in ms. */
export async function echoes(place: Place, session: string, count: number): Promise<readonly number[]> {
  const echo = place.cloche(["exec", "--session", session, "--", "sh", "-c", "echo ready; exec cat"], { deadlineMs: DEADLINE_MS });
  await echo.says(/ready\n/);
  const took: number[] = [];
  for (let number = 0; number < count; number += 1) {
    const began = performance.now();
    echo.stdin.write(`<${number}>\n`);
    await echo.says(new RegExp(`<${number}>\n`));
    took.push(performance.now() - began);
  }
  echo.stdin.end();
  await echo.ended;
  return took;
}

/** A port of the host's loopback that nobody listens at just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
