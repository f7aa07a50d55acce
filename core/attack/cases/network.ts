import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { ALLOWED, script } from "../arena.ts";
import { control, holds, type AttackCase } from "../case.ts";
import { GREETING } from "../witness.ts";

const RULES = "Only a host and port that a rule names is dialled";
const NOWHERE = "It reaches no address, no port of the host";
const SETTLE_MS = 500;

const dial = (host: string, port: number): string => `timeout 10 bash -c 'exec 3<>/dev/tcp/${host}/${port} && head -n 1 <&3'`;

/** What the guest can reach. */
export const NETWORK: readonly AttackCase[] = [
  {
    id: "egress-rules",
    promise: RULES,
    title: "root dials hosts, addresses and ports that no rule names",
    async run(arena) {
      const answered = await script(arena, dial(ALLOWED.name, ALLOWED.port));
      control(answered.text.includes(GREETING) && arena.allowed.reached() > 0, `the host that a rule names was not reached: ${answered.text.trim()}`);
      const before = arena.denied.reached() + arena.allowed.reached();
      const { port } = arena.denied;
      const targets = [["denied.example", 443], [ALLOWED.name, ALLOWED.port + 1], ["10.0.2.2", port], ["127.0.0.1", port], ["198.51.100.1", 443], ["169.254.169.254", 80], ["localhost", port]] as const;
      await script(arena, `${targets.map(([host, number]) => `${dial(host, number)} &`).join("\n")}\nwait`);
      holds(arena.denied.reached() + arena.allowed.reached() === before, "a witness on the host was reached, which no rule names");
      return `of ${targets.length + 1} targets only the one that a rule names was reached`;
    },
  },
  {
    id: "egress-own-network",
    promise: RULES,
    title: "root takes the guest's network apart and sets its own addresses and routes",
    async run(arena) {
      const before = arena.denied.reached();
      const { port } = arena.denied;
      const routes = "ip route add 198.51.100.0/24 via 10.0.2.2; ip addr add 10.0.2.99/24 dev eth0; ip route add 169.254.0.0/16 via 10.0.2.3";
      await script(arena, `${routes}\n${[["10.0.2.3", port], ["10.0.2.4", port], ["198.51.100.7", port], ["169.254.1.1", port]].map(([host, number]) => `${dial(String(host), Number(number))} &`).join("\n")}\nwait; ip addr del 10.0.2.99/24 dev eth0`);
      holds(arena.denied.reached() === before, "a witness on the host was reached by a route of the guest's own");
      const after = await script(arena, dial(ALLOWED.name, ALLOWED.port));
      control(after.text.includes(GREETING), "afterwards not even the allowed host was reached, so that the attempt shows nothing");
      return "no route of its own led anywhere, and the allowed host still answers";
    },
  },
  {
    id: "egress-datagrams",
    promise: NOWHERE,
    title: "root sends UDP to the host, to its router's ports and far away",
    async run(arena) {
      const { port } = arena.datagrams;
      const probe = createSocket("udp4");
      probe.send("control", port, "127.0.0.1");
      await Promise.race([once(probe, "error"), sleep(SETTLE_MS)]);
      probe.close();
      control(arena.datagrams.reached() > 0, "the witness does not even hear the host itself");
      const before = arena.datagrams.reached();
      const targets = ["10.0.2.2", "10.0.2.3", "10.0.2.255", "198.51.100.1", "255.255.255.255", "224.0.0.251"];
      const send = `import socket,sys\nfor host in ${JSON.stringify(targets)}:\n for port in (${port}, 67, 53, 123, 443, 5353):\n  try:\n   s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET,socket.SO_BROADCAST,1); s.sendto(b"attack",(host,port))\n  except OSError: pass\nprint("sent")`;
      const told = await script(arena, `python3 - <<'END'\n${send}\nEND`);
      control(told.text.includes("sent"), `the guest could not send: ${told.text.trim()}`);
      await sleep(SETTLE_MS);
      holds(arena.datagrams.reached() === before, "a datagram of the guest reached the host");
      return `${targets.length * 6} datagrams were sent, none arrived`;
    },
  },
  {
    id: "jail-network",
    promise: "What the guest reaches in the jail's network are listeners that were handed out",
    title: "root looks for open ports at its router's address",
    async run(arena) {
      const scan = `import socket,concurrent.futures as f\ndef t(p):\n s=socket.socket(); s.settimeout(5)\n try: s.connect(('10.0.2.2',p)); return p\n except OSError: return None\n finally: s.close()\nports=[22,53,80,${ALLOWED.port}]+list(range(1,1025,17))+[2375,3000,3306,5432,5900,6000,6379,8000,8080,9090,9200,11211,16509,27017]\nwith f.ThreadPoolExecutor(16) as e: print('open',sorted({p for p in e.map(t,ports) if p}))`;
      const told = await script(arena, `python3 - <<'END'\n${scan}\nEND`);
      const open = /open \[(.*)\]/.exec(told.text)?.[1];
      control(open !== undefined, `the guest could not look: ${told.text.trim()}`);
      const ports = (open ?? "").split(", ").filter((port) => port !== "").map(Number);
      control(ports.includes(22), "not even the listener that SSH uses was found");
      // the gateway hangs up on who comes to its listeners without a name; the guest may see that first as a connection
      const known = [22, 53, 80, 443, ALLOWED.port];
      holds(ports.every((port) => known.includes(port)), `ports answer that nobody handed out: ${ports.join(", ")}`);
      return `only what was handed out answers: ${ports.join(", ")}`;
    },
  },
];
