import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ROOT } from "../support/sources.ts";

// In namespaces of its own, where no directory of a host can be mounted: another file system stands for it.
const SCRIPT = String.raw`
cd "$1" || exit 1
mount --make-rshared /
mount -t tmpfs lent lent && mkdir lent/folder && echo x >lent/folder/file
mount -t tmpfs over over && mkdir over/upper over/work over/project
mount -t overlay -o "lowerdir=$1/lent,upperdir=$1/over/upper,workdir=$1/over/work" overlay over/project || exit 1
mount -t tmpfs own over/project/folder
(cd lent && exec sleep 100) & one=$!
(cd over/project && exec sleep 100) & two=$!
(exec sleep 100 3<lent/folder/file) & three=$!
unshare -m --propagation private sleep 100 & four=$!
sleep 100 & five=$!
unshare -m --propagation slave sleep 100 & six=$!
until [ "$(readlink /proc/$four/exe)$(readlink /proc/$six/exe)" = "$(readlink /proc/$five/exe)$(readlink /proc/$five/exe)" ]; do sleep 0.1; done
perl "$1/release" || exit 1
for process in $one $two $three $four $five $six; do
  case $(cut -d' ' -f3 /proc/$process/stat 2>/dev/null) in '' | Z) echo ended ;; *) echo runs ;; esac
done
grep -c -e "$1/lent " -e "$1/over/project" /proc/self/mountinfo
`;

describe("Taking the host's directories away from a copy of a machine", () => {
  it("ends what uses them, also through an overlay and in a container, and nothing else", () => {
    const folder = mkdtempSync(join(tmpdir(), "cloche-release-"));
    try {
      for (const name of ["lent", "over"]) mkdirSync(join(folder, name));
      const script = readFileSync(join(ROOT, "guest/release"), "utf8");
      writeFileSync(join(folder, "release"), script.replaceAll('{type} eq "9p"', `{at} =~ m{^${folder}/lent}`));
      const ended = spawnSync("unshare", ["-Urmpf", "--mount-proc", "sh", "-c", SCRIPT, "sh", folder], { encoding: "utf8", timeout: 30_000 });
      expect(ended.stdout, ended.stderr).to.equal("ended\nended\nended\nended\nruns\nruns\n0\n");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
