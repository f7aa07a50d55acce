import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { sharedSession, type SharedSession } from "../support/shared-session.ts";
import type { Started } from "../support/started.ts";

const ROOT = ["become", "--reuid=0", "--regid=0", "--clear-groups", "--"];
const HOLD = "/usr/lib/cloche/hold";
const GROUP = "/sys/fs/cgroup/cloche-held";
const MINUTE = 60_000;

describe("What holds the programs of a guest still", () => {
  let shared: SharedSession;
  /** A program of the agent's, in a group of its own, that adds a byte to this file of the project again and again. */
  let ticks: string;
  let pid: number;

  const size = (): number => statSync(ticks).size;
  const hold = (...before: readonly string[]): Started => shared.start([...ROOT, ...before, HOLD]);
  const asRoot = async (script: string): Promise<string> => await shared.sh(script, "root");
  const group = async (): Promise<string> => await asRoot(`cat /proc/${pid}/cgroup`);

  async function goesOn(): Promise<void> {
    const had = size();
    for (const until = Date.now() + MINUTE; size() < had + 20; await sleep(50)) expect(Date.now(), "it still stands").to.be.lessThan(until);
    await asRoot(`while [ -d ${GROUP} ]; do sleep 0.1; done`);
    expect(await group()).to.equal("0::/apart\n");
  }

  async function stands(): Promise<void> {
    const had = size();
    await sleep(300);
    expect(size()).to.equal(had);
  }

  before(async function () {
    this.timeout(5 * MINUTE);
    shared = await sharedSession();
    ticks = join(shared.place.project, "ticks");
    pid = Number(await shared.sh("nohup sh -c 'exec 3>>ticks; while :; do printf . >&3; done' >/dev/null 2>&1 & echo $!"));
    await asRoot(`mkdir /sys/fs/cgroup/apart; echo ${pid} >/sys/fs/cgroup/apart/cgroup.procs; sysctl -q -w vm.dirty_writeback_centisecs=60000`);
    await goesOn();
  });
  after(async () => {
    await asRoot(`kill ${pid}; until rmdir /sys/fs/cgroup/apart; do sleep 0.1; done; sysctl -q -w vm.dirty_writeback_centisecs=500`);
  });

  it("has them stand until the host says go on, each in its own group afterwards; what they wrote to mapped files is on the host meanwhile", async () => {
    const mapper = shared.start(["python3", "-c", `import mmap
file = open("held-map", "w+b"); file.truncate(4096)
mapping = mmap.mmap(file.fileno(), 0); mapping[:6] = b"mapped"; print("mapped", flush=True); input(); print("read on")`]);
    await mapper.says(/mapped\n/);
    const mapped = (): string => readFileSync(join(shared.place.project, "held-map"), "latin1").slice(0, 6);
    expect(mapped()).to.equal("\0".repeat(6)); // the guest's kernel does not write it back by itself now
    const holder = hold();
    await holder.says(/^ready\n/);
    await goesOn();
    holder.stdin.write("hold\n");
    await holder.says(/^ready\nstill\n/);
    await stands();
    expect(mapped()).to.equal("mapped");
    expect(await group()).to.equal("0::/cloche-held\n");
    holder.stdin.write("go on\n");
    const { status, stdout } = await holder.ended;
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: "ready\nstill\ngoes on\n" });
    await goesOn();
    mapper.stdin.end("\n");
    expect((await mapper.ended).stdout).to.equal("mapped\nread on\n");
  });

  it("lets them go on when the host is gone, when it is told to end, and when the host says nothing more", async function () {
    this.timeout(3 * MINUTE);
    const ways: readonly ((holder: Started) => unknown)[] = [
      (holder) => holder.stdin.end(),
      async () => await asRoot("pkill -TERM -xf '/usr/bin/perl /usr/lib/cloche/hold'"),
      () => {},
    ];
    for (const way of ways) {
      const holder = hold();
      holder.stdin.write("hold\n");
      await holder.says(/^ready\nstill\n/);
      await stands();
      await way(holder);
      expect((await holder.ended).stdout).to.equal("ready\nstill\ngoes on\n");
      await goesOn();
    }
  });

  it("is helped out by another command when it was killed", async () => {
    const holder = hold();
    holder.stdin.write("hold\n");
    await holder.says(/^ready\nstill\n/);
    await asRoot("pkill -KILL -xf '/usr/bin/perl /usr/lib/cloche/hold'");
    await holder.ended;
    await stands();
    expect(await asRoot(`${HOLD} thaw; ${HOLD} thaw`)).to.equal("");
    await goesOn();
  });

  it("names what would not stand still, at most five, in harmless words, and has the others stand even so", async () => {
    // a file system of the guest's own whose server never answers: who asks it sleeps where no signal of the freezer reaches
    await asRoot(`exec 3<>/dev/fuse; mkdir -p /mnt/silent; mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 silent /mnt/silent; cd /; nohup sleep 1000 >/dev/null 2>&1 & echo $! >/run/pid-silent
      for name in a b c 'd
d e f g' h i; do cp /usr/bin/mkdir "/tmp/sleeps $name"; nohup "/tmp/sleeps $name" /mnt/silent/first 3<&- >/dev/null 2>&1 & until grep -q "^State:.D" /proc/$!/status; do sleep 0.1; done; done`);
    const holder = hold();
    holder.stdin.write("hold\n");
    expect((await holder.says(/^ready\n(.*)\n/))[1]).to.equal("busy sleeps_a sleeps_b sleeps_c sleeps_d_d_e_f_ sleeps_h");
    await stands();
    holder.stdin.end("go on\n");
    await holder.ended;
    await asRoot("kill $(cat /run/pid-silent); while pgrep sleeps; do sleep 0.1; done; umount /mnt/silent; rm /tmp/sleeps*");
    await goesOn();
  });
});
