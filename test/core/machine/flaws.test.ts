import { expect } from "chai";
import { flawsOf } from "../../../core/machine/jail/flaws.ts";
import { NAMESPACES, type ProcessFacts } from "../../../core/machine/jail/process-facts.ts";

const namespaces = (first: number) => Object.fromEntries(NAMESPACES.map((kind, index) => [kind, `${kind}:[${first + index}]`])) as ProcessFacts["namespaces"];

const EXPECTED = { ours: namespaces(100), network: "net:[201]", uid: 4242, sockets: 4, writable: ["/project"] };

const GOOD: ProcessFacts = {
  namespaces: namespaces(200),
  status: [
    "Name:\tqemu", "Uid:\t4242\t4242\t4242\t4242",
    ...["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map((name) => `${name}:\t0000000000000000`),
    "NoNewPrivs:\t1", "Seccomp:\t2", "",
  ].join("\n"),
  limits: "Limit                     Soft Limit           Hard Limit           Units\nMax core file size        0                    0                    bytes\n",
  environ: "PWD=/\0",
  mountinfo: [
    "20 19 0:30 / / ro,nosuid,nodev,relatime - tmpfs tmpfs rw",
    "21 20 254:0 /usr /usr ro,nosuid,nodev,relatime - ext4 /dev/vda rw",
    "22 20 0:31 / /dev ro,nosuid,nodev,relatime - tmpfs tmpfs rw",
    "23 22 0:5 /null /dev/null rw,nosuid,relatime - devtmpfs devtmpfs rw",
    "24 20 254:0 /home/me/p /project rw,nosuid,nodev,relatime - ext4 /dev/vda rw",
    "25 20 0:32 / /tmp rw,nosuid,nodev,relatime - tmpfs tmpfs rw", "",
  ].join("\n"),
  netDev: "Inter-|   Receive  |  Transmit\n face |bytes    packets|bytes\n    lo:       0       0    0\n",
  files: [
    { fd: 0, link: "/dev/null", mountId: "23" },
    { fd: 3, link: "socket:[7]", mountId: "9" },
    { fd: 5, link: "anon_inode:[eventfd]", mountId: "8" },
    { fd: 6, link: "/image/disk0", mountId: "24" },
  ],
};

/** The checks that find something when one fact is another. */
function checks(change: Partial<ProcessFacts>): string[] {
  return flawsOf({ ...GOOD, ...change }, EXPECTED).map(({ check }) => check);
}

describe("the proof of a jail", () => {
  it("finds nothing wrong with a whole jail", () => {
    expect(flawsOf(GOOD, EXPECTED)).to.deep.equal([]);
  });

  for (const kind of NAMESPACES) {
    it(`finds a ${kind} namespace that is ours`, () => {
      expect(checks({ namespaces: { ...GOOD.namespaces, [kind]: EXPECTED.ours[kind] } })).to.include(`${kind} namespace`);
    });
  }

  it("finds a network that is not the cell's", () => {
    expect(checks({ namespaces: { ...GOOD.namespaces, net: "net:[999]" } })).to.deep.equal(["network"]);
  });

  for (const name of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
    it(`finds a capability in ${name}`, () => {
      expect(checks({ status: GOOD.status.replace(`${name}:\t0000000000000000`, `${name}:\t0000000000001000`) })).to.deep.equal([name]);
    });
  }

  it("finds missing locks, and facts that are not told at all", () => {
    expect(checks({ status: GOOD.status.replace("NoNewPrivs:\t1", "NoNewPrivs:\t0") })).to.deep.equal(["NoNewPrivs"]);
    expect(checks({ status: GOOD.status.replace("Seccomp:\t2", "Seccomp:\t0") })).to.deep.equal(["Seccomp"]);
    expect(checks({ status: GOOD.status.replace("4242\t4242\t", "0\t4242\t") })).to.deep.equal(["Uid"]);
    expect(checks({ limits: GOOD.limits.replace("0       ", "unlimited") })).to.deep.equal(["core dumps"]);
    expect(checks({ status: "", limits: "" })).to.have.lengthOf(9);
  });

  it("finds an environment, another interface, none at all", () => {
    expect(checks({ environ: "PWD=/\0ANTHROPIC_API_KEY=x\0" })).to.deep.equal(["environment"]);
    expect(checks({ netDev: `${GOOD.netDev}  eth0:    1 2\n` })).to.deep.equal(["network interfaces"]);
    expect(checks({ netDev: "" })).to.deep.equal(["network interfaces"]);
  });

  it("finds mounts that can be written or that honour special files", () => {
    expect(checks({ mountinfo: GOOD.mountinfo.replace("/usr ro", "/usr rw") })).to.deep.equal(["writable mount"]);
    expect(checks({ mountinfo: GOOD.mountinfo.replace("/project rw,nosuid,nodev", "/project rw,nodev") })).to.deep.equal(["mount that honours setuid"]);
    expect(checks({ mountinfo: GOOD.mountinfo.replace("/project rw,nosuid,nodev", "/project rw,nosuid") })).to.deep.equal(["mount that honours devices"]);
    expect(checks({ mountinfo: `${GOOD.mountinfo}30 20 0:40 / /projects rw,nosuid,nodev - tmpfs t rw\n` })).to.deep.equal(["writable mount"]);
  });

  it("finds sockets and files that came from outside", () => {
    const file = (link: string, mountId = "99") => [...GOOD.files, { fd: 9, link, mountId }];
    expect(checks({ files: file("socket:[8]") })).to.deep.equal(["socket"]);
    expect(checks({ files: [{ fd: 0, link: "socket:[8]", mountId: "9" }] })).to.deep.equal(["socket"]);
    expect(checks({ files: file("/etc/shadow") })).to.deep.equal(["file from outside"]);
    expect(checks({ files: file("/memfd:x (deleted)") })).to.deep.equal([]);
  });
});
