import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { qemuOf, qemusOf } from "../support/qemu-of.ts";
import type { Started } from "../support/started.ts";
import { WatchedPlace } from "../support/watched-place.ts";

const EARLY_MS = [50, 100, 150, 200, 300, 400, 500, 700];
// of the time from the start to the first word of the command
const SHARES = [0.12, 0.2, 0.3, 0.42, 0.55, 0.7, 0.85, 0.95];
// until a machine that is begun ahead runs, and is made from a copy of its template where it needs one
const AHEAD_MS = [60, 90, 120, 150, 180, 220, 280, 350, 450, 600, 800, 1000, 1500, 2500];
// after the command's last word
const LATE_MS = [0, 60, 150];
// in each way that files are written in, and holds all of them
const WRITER = `import mmap, os, time
def mapped(name):
    file = open(name, "w+b"); file.truncate(4096)
    mapping = mmap.mmap(file.fileno(), 0); mapping[:7] = b"written"
    return mapping
held = open("written", "wb", buffering=0); held.write(b"written")
synced = mapped("synced"); synced.flush()
mapped("unmapped").close()
if os.fork() == 0: by_child = mapped("ended"); os._exit(0)
os.wait()
print("written", flush=True); time.sleep(1000)`;

describe("SIGKILL of cloche", () => {
  let place: WatchedPlace;
  let readyMs: number;

  beforeEach(() => {
    place = WatchedPlace.booting();
  });

  afterEach(() => place[Symbol.dispose]());

  const run = (script: string): Started => place.cloche(["exec", "--", "sh", "-c", script], { input: "" });

  async function killAndLook(running: Started): Promise<void> {
    running.kill("SIGKILL");
    await running.ended;
    await place.expectNothingLeft();
  }

  it("leaves nothing while the command runs, though there was a machine, and loses nothing that it wrote: by a mapping too, if synced or given up", async () => {
    const began = performance.now();
    const running = run(`echo up; exec python3 -c '${WRITER}'`);
    await running.says(/up\n/);
    readyMs = performance.now() - began;
    expect(qemuOf(running.pid)).to.be.greaterThan(1);
    expect(await place.left(0)).to.not.deep.equal([]);
    await running.says(/written\n/);
    await killAndLook(running);
    for (const name of ["written", "synced", "unmapped", "ended"]) expect(readFileSync(join(place.project, name), "latin1").slice(0, 7), name).to.equal("written");
  });

  for (const afterMs of EARLY_MS) {
    it(`leaves nothing ${afterMs} ms after the start`, async () => {
      const running = run("exec sleep 1000");
      await sleep(afterMs);
      await killAndLook(running);
    });
  }

  for (const share of SHARES) {
    it(`leaves nothing after ${Math.round(share * 100)} % of the way to the command`, async () => {
      const running = run("exec sleep 1000");
      await sleep(readyMs * share);
      await killAndLook(running);
    });
  }

  for (const afterMs of LATE_MS) {
    it(`leaves nothing ${afterMs} ms after the command's last word`, async () => {
      const running = run("echo last >last; echo last");
      await running.says(/last\n/);
      await sleep(afterMs);
      await killAndLook(running);
    });
  }
});

describe("SIGKILL of a start that begins its machine like the last one", () => {
  let place: WatchedPlace;
  let machines = 0;

  before(async () => {
    place = new WatchedPlace();
    const { status, stderr } = await place.cloche(["exec", "--", "true"], { input: "" }).ended;
    expect(status, stderr).to.equal(0);
  });
  after(() => place?.[Symbol.dispose]());

  for (const afterMs of AHEAD_MS) {
    it(`leaves nothing after ${afterMs} ms`, async () => {
      const running = place.cloche(["exec", "--", "sleep", "1000"], { input: "" });
      await sleep(afterMs);
      machines += qemusOf(running.pid).length;
      running.kill("SIGKILL");
      await running.ended;
      await place.expectNothingLeft();
    });
  }

  it("came upon a machine in some of these, and the next start goes as any", async () => {
    expect(machines).to.be.greaterThan(0);
    expect((await place.cloche(["exec", "--", "echo", "well"], { input: "" }).ended).stdout).to.equal("well\n");
  });
});
