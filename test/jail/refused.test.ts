import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";

const STARTER = join(import.meta.dirname, "starter.ts");

/** Starts a jail inside a user namespace of which we are root, after a preparation there. */
function startAfter(prepare: string) {
  const script = `${prepare}; exec "$0" "$@"`;
  const args = ["--user", "--map-root-user", "/bin/sh", "-c", script, process.execPath, STARTER, "/tmp", "10.1.2.0/24"];
  return spawnSync("/usr/bin/unshare", args, { encoding: "utf8", timeout: 3000, killSignal: "SIGKILL" });
}

describe("a host without user namespaces", () => {
  it("is told which lock is shut, and nothing starts", () => {
    const { stdout, stderr } = startAfter("echo 0 >/proc/sys/user/max_user_namespaces");
    expect(stdout).to.equal("starting\n");
    expect(stderr).to.contain("NAMESPACES_REFUSED").and.to.contain("user.max_user_namespaces is 0").and.to.contain("sysctl -w");
  });

  it("differs in nothing else from this one, where it starts", () => {
    expect(startAfter("true").stdout).to.equal("starting\nrunning\n");
  });
});
