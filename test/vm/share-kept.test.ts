import { closeSync, openSync, readdirSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Place } from "../support/place.ts";

const MINUTE = 60_000;
const GIB = 2 ** 30;

describe("Local directories that are kept", () => {
  let place: Place;
  before(async function () {
    this.timeout(15 * MINUTE);
    place = new Place();
    place.configure({ share: { local: ["node_modules", "a b/target"], keepLocal: "1GiB" } });
    const { status, stderr } = await place.cloche(["build"], { input: "", deadlineMs: 14 * MINUTE }).ended;
    expect(status, stderr).to.equal(0);
  });
  after(() => place[Symbol.dispose]());

  const inSession = async (script: string) => await place.cloche(["exec", "--", "sh", "-c", script], { input: "" }).ended;
  const disk = () => {
    const folder = join(place.home, ".local/state/cloche/kept");
    const path = readdirSync(folder, { recursive: true, encoding: "utf8" }).find((name) => name.endsWith("/local/disk"));
    return path === undefined ? "" : join(folder, path);
  };

  it("are there in the next session, and on the host there is one file that nothing there looks into", async () => {
    const first = await inSession("echo left >node_modules/file; echo right >'a b/target/file'; stat -f -c %T node_modules; stat -c %U node_modules; findmnt -no OPTIONS -T node_modules; (cd node_modules && exec sleep 1000 >held) >/dev/null 2>&1 &");
    expect(first.stdout, first.stderr).to.match(/^ext2\/ext3\nagent\n.*nosuid.*nodev/);
    expect(first.stderr).to.not.match(/local director|in order/);
    expect(readdirSync(place.project)).to.deep.equal([]);
    const { size, mode, blocks } = statSync(disk());
    expect([size, mode & 0o777, blocks * 512 < GIB / 4]).to.deep.equal([GIB, 0o600, true]);
    const second = await inSession("cat node_modules/file 'a b/target/file'; ls node_modules");
    expect(second.stdout, second.stderr).to.equal("left\nright\nfile\nheld\n");
    expect(second.stderr).to.not.match(/local director|in order/);
  }).timeout(5 * MINUTE);

  it("are one session's at a time; they are neither saved with it nor forgotten under it, and survive its being killed", async () => {
    const keeper = place.cloche(["exec", "--detach", "--name", "keeper", "--", "sh", "-c", "cat node_modules/file; echo more >node_modules/more; rm node_modules/held; sync; sleep 1000"], { input: "" });
    expect((await keeper.ended).status).to.equal(0);
    const other = await inSession("ls node_modules; echo lost >node_modules/other");
    expect([other.stdout, other.status]).to.deep.equal(["", 0]);
    expect(other.stderr).to.include("Another session has the local directories that are kept for this project");
    for (const words of [["snapshot", "take", "keeper"], ["suspend", "keeper"]]) {
      const { status, stderr } = await place.cloche(words, { input: "" }).ended;
      expect([status === 0, stderr.includes("has a disk of its own"), stderr.includes("share.keepLocal")], stderr).to.deep.equal([false, true, true]);
    }
    const forget = await place.cloche(["state", "forget"], { input: "" }).ended;
    expect(forget.stderr).to.include("is in use by the session keeper");
    const [{ pid } = { pid: 0 }] = JSON.parse((await place.cloche(["ls", "--json"], { input: "" }).ended).stdout) as { pid: number }[];
    process.kill(pid, "SIGKILL");
    const next = await inSession("cat node_modules/file node_modules/more; ls node_modules");
    expect(next.stdout, next.stderr).to.equal("left\nmore\nfile\nmore\n");
    expect(next.stderr).to.include("The session before did not end in order");
  }).timeout(5 * MINUTE);

  it("begin empty where they cannot be read, which is said, and when they were forgotten", async () => {
    const file = openSync(disk(), "r+");
    writeSync(file, Buffer.alloc(2 ** 20, "x"), 0, 2 ** 20, 0);
    closeSync(file);
    const { stdout, stderr } = await inSession("ls node_modules; echo again >node_modules/file");
    expect(stdout, stderr).to.equal("");
    expect(stderr).to.include("could not be read; they begin empty").and.not.include("in order");
    const listed = JSON.parse((await place.cloche(["state", "list", "--json"], { input: "" }).ended).stdout) as { parts: string[]; files: number; bytes: number }[];
    expect(listed).to.have.lengthOf(1);
    expect(listed[0]).to.deep.include({ parts: ["local"], files: 1 });
    expect(listed[0]?.bytes).to.be.within(1, GIB / 4);
    expect((await place.cloche(["state", "forget"], { input: "" }).ended).status).to.equal(0);
    expect(disk()).to.equal("");
  }).timeout(5 * MINUTE);
});
