import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { JailNetwork } from "../../../core/index.ts";
import { live } from "../../../core/lifecycle.ts";
import type { MachinePlan } from "../../../core/machine/draft.ts";
import type { Guest } from "../../../core/machine/guest.ts";
import { beginSteps } from "../../../core/machine/start-steps.ts";
import { openNetwork } from "../../../core/machine/jail/network.ts";
import { openSession } from "../../../core/open-session.ts";
import { SILENT } from "../../../core/support/progress.ts";
import claude from "../../../plugins/claude/index.ts";
import credentials from "../../../plugins/credentials/index.ts";
import egress from "../../../plugins/egress/index.ts";
import { actingFor, fakeHost } from "../../support/fake-host.ts";
import { exchange, openTls } from "../egress/support/clients.ts";
import { askUdp } from "../egress/support/dns-client.ts";
import { enterNetwork } from "../egress/support/inside.ts";

const KEY = "real-key-of-my-gateway-0123456789";

describe("A session with a gateway for models on this host", () => {
  let folder: string;
  let server: Server;
  const heard: string[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "cs-"));
    server = createServer((asked, answer) => {
      heard.push(`${asked.method} ${asked.url} ${asked.headers.authorization}`);
      asked.resume().on("end", () => answer.end("from this host\n"));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  it("reaches it over plain HTTP by the name that the agent is given, with the key that stays here", async () => {
    const acting = actingFor();
    const own = { ...acting, progress: SILENT, session: { ...acting.session, runDir: folder, stateDir: folder, cacheDir: folder, hostEnv: { HOME: folder, ANTHROPIC_BASE_URL: `http://localhost:${(server.address() as AddressInfo).port}/x`, ANTHROPIC_AUTH_TOKEN: KEY } } };
    const certificates: string[] = [];
    const guest = {
      machine: {},
      run: async (_argv: readonly string[], { input }: { input?: string } = {}) => {
        if (input !== undefined) certificates.push(input);
        return { stdout: "", stderr: "" };
      },
      writeFiles: async () => {},
      writeFile: async () => {},
    } as unknown as Guest;
    let network: JailNetwork | undefined;
    let said = "";
    const { host } = fakeHost();
    const session = openSession({
      acting: own,
      host: {
        ...host,
        startMachine: async (_image: unknown, plan: MachinePlan, { scope, signal }: typeof acting) => {
          network = await openNetwork(plan.localRanges, { scope, signal });
          for (const step of beginSteps(plan, scope)) await step(network, scope);
          return guest.machine;
        },
        enterGuest: async () => guest,
        attach: async (_guest, { env }) => {
          if (!network) throw new Error("there is no network");
          const inside = await enterNetwork(network, acting.scope);
          const { hostname, pathname } = new URL(env["ANTHROPIC_BASE_URL"] ?? "");
          const asker = await inside.udp();
          await acting.scope.defer("close the asker", () => asker.close());
          const [address = ""] = (await askUdp(asker, hostname)).addresses;
          const tls = await openTls(await inside.tcp(address, 443), hostname, certificates.join("\n"), ["http/1.1"]);
          const body = '{"messages":[]}';
          said = await exchange(tls, [`POST ${pathname}/v1/messages HTTP/1.1`, `Host: ${hostname}`, "Connection: close", "Content-Type: application/json", `Authorization: Bearer ${env["ANTHROPIC_AUTH_TOKEN"]}`, `Content-Length: ${body.length}`, "", body].join("\r\n"));
          return 0;
        },
      },
      plugins: [claude, credentials, egress].map((plugin) => ({ plugin, options: plugin.options.parse({}) })),
      known: ["claude", "credentials", "egress", "share-9p"], recipe: { suite: "trixie", packages: [] }, request: { kind: "agent", args: [] },
    });
    try {
      expect(await live(session)).to.equal(0);
    } finally {
      await acting.scope.close();
    }
    expect(said).to.match(/^HTTP\/1.1 200 [^]*from this host/);
    expect(heard).to.deep.equal([`POST /x/v1/messages Bearer ${KEY}`]);
  });
});
