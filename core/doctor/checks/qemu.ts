import { failed, ok, warn, type Check } from "../check.ts";
import type { Look } from "../look.ts";
import { QEMU } from "../needs.ts";

const OLDEST = 7;

/** QEMU itself: its version and the parts that cloche uses of it. */
export const qemu: Check = {
  id: "qemu",
  title: "QEMU",
  needs: ["qemu"],
  async run(look) {
    const program = look.find(QEMU);
    if (program === undefined) return failed(`${QEMU} is missing`, "");
    const { status, output } = await look.run([program, "--version"]);
    const version = /version (\d+)\.(\d+)(?:\.(\d+))?/.exec(output);
    if (status !== 0 || !version) return failed(`${program} --version says: ${output.trim() || "nothing"}`, "Install QEMU anew.");
    const number = version[0].slice("version ".length);
    if (Number(version[1]) < OLDEST) return warn(`${number} is older than what is tested`, `Use QEMU ${OLDEST}.2 or later.`);
    return (await lacks(look, program)) ?? ok(number);
  },
};

async function lacks(look: Look, program: string) {
  const devices = (await look.run([program, "-nodefaults", "-machine", "none", "-device", "help"])).output;
  if (!devices.includes("virtio-9p-pci")) return failed("it was built without virtio-9p", "Install a QEMU with 9p support; the project is shared over it.");
  const networks = (await look.run([program, "-nodefaults", "-machine", "none", "-netdev", "help"])).output;
  if (!/^user$/m.test(networks)) return failed("it was built without user networking (slirp)", "Install a QEMU with slirp; the guest's network is made of it.");
  return undefined;
}
