import { once } from "node:events";
import { createServer } from "node:net";
import type { Place } from "../../test/support/place.ts";

/** What a client in the guest may do: take bytes, or give bytes. */
export type Transfer = "down" | "up";

/** A server that the guest knows under an address. */
export interface Far {
  readonly host: string;
  readonly port: number;
}

const DEADLINE_MS = 10 * 60_000;
// Names are looked up once, before the clock runs.
const CONNECTING = `
import socket, sys, time
def look_up(host, port):
    return socket.getaddrinfo(host, int(port), socket.AF_INET, socket.SOCK_STREAM)[0][4]
def connect(address, line):
    way = socket.create_connection(address)
    way.sendall(line)
    return way
`;
const CLIENT = `${CONNECTING}
kind, size = sys.argv[1], int(sys.argv[4])
address = look_up(*sys.argv[2:4])
block = bytearray(1 << 18)
print("begins", flush=True)
began = time.monotonic()
way = connect(address, f"{kind} {size}\\n".encode())
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
const TURN = 50;
const BY_TURNS = `${CONNECTING}
turns, addresses = int(sys.argv[1]), [look_up(sys.argv[2], sys.argv[3]), look_up(sys.argv[4], sys.argv[5])]
took = [0.0, 0.0]
def turn(which):
    began = time.monotonic()
    for _ in range(${TURN}):
        way = connect(addresses[which], b"connect 0\\n")
        assert way.recv(1) == b"."
        way.close()
    took[which] += time.monotonic() - began
for number in range(turns):
    turn(number % 2)
    turn(1 - number % 2)
print(*took)
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

/**
 * Seconds by the guest's clock that some connections take to each of two servers, one after the other. The client changes from one server
 * to the other every 50, since what else a host does may halve its pace for a second or two.
 */
export async function connectionSeconds(place: Place, session: string, [one, other]: readonly [Far, Far], count: number): Promise<readonly [number, number]> {
  const argv = ["exec", "--session", session, "--", "python3", "-c", BY_TURNS, String(count / TURN), one.host, String(one.port), other.host, String(other.port)];
  const { status, stdout, stderr } = await place.cloche(argv, { input: "", deadlineMs: DEADLINE_MS }).ended;
  const [first = 0, second = 0] = stdout.trim().split(" ").map(Number);
  if (status !== 0 || !(first > 0 && second > 0)) throw new Error(`the connections ended with ${status}: ${stderr.trim()}`);
  return [first, second];
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
