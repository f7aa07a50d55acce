import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";
import { usageOf } from "../../../core/sessions/usage.ts";

describe("What a session's processes use", () => {
  it("is that of the process and of all that descend from it, and of nobody else", async () => {
    const script = "sh -c 'sh -c \"echo ready; while :; do :; done\" & wait' & wait";
    const child = spawn("/bin/sh", ["-c", script], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
    const idle = spawn("sleep", ["60"]);
    try {
      await once(child.stdout, "data");
      const pids = [child.pid ?? 0, idle.pid ?? 0];
      await new Promise((resolve) => setTimeout(resolve, 500));
      const [busy, other] = pids.map((pid) => usageOf(pids).get(pid));
      expect(busy?.processes).to.equal(3);
      expect(busy?.processorMs).to.be.greaterThan(100);
      expect(busy?.memoryBytes).to.be.greaterThan(500_000);
      expect(other?.processes).to.equal(1);
      expect(other?.processorMs).to.be.lessThan(100);
    } finally {
      process.kill(-(child.pid ?? 0), "SIGKILL");
      idle.kill("SIGKILL");
    }
  });

  it("is nothing for a process that has ended", () => {
    expect(usageOf([4_000_000]).get(4_000_000)).to.include({ processes: 0, memoryBytes: 0 });
  });
});
