import { failed, ok, type Check, type Verdict } from "../check.ts";
import type { Look } from "../look.ts";

const APPARMOR = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
const CLONE = "/proc/sys/kernel/unprivileged_userns_clone";
const MOST = "/proc/sys/user/max_user_namespaces";
const PROFILE = "/etc/apparmor.d/cloche-bwrap";

const PROFILE_TEXT = `abi <abi/4.0>,
include <tunables/global>
profile cloche-bwrap /usr/bin/bwrap flags=(unconfined) {
  userns,
}
`;

/** Whether a normal user may make user namespaces, and if not, which of the known locks is shut. */
export const userNamespaces: Check = {
  id: "user-namespaces",
  title: "User namespaces",
  needs: ["util-linux", "bubblewrap"],
  async run(look) {
    const limit = await number(look, MOST);
    if (limit === 0) return failed("the system allows none (user.max_user_namespaces is 0)", "Run: sudo sysctl -w user.max_user_namespaces=15000");
    if (look.uid !== 0 && (await number(look, CLONE)) === 0) {
      return failed("only root may make them (kernel.unprivileged_userns_clone is 0)", "Run: sudo sysctl -w kernel.unprivileged_userns_clone=1");
    }
    const tried = await tryOne(look);
    if (tried === undefined) return failed("bwrap is missing, so they could not be tried", "");
    if (tried.status === 0) return ok(look.uid === 0 ? "made one, as root" : "made one");
    return (await apparmor(look)) ?? failed(`making one failed: ${tried.output.trim()}`, "Inside a container, start the container so that it may make user namespaces.");
  },
};

async function tryOne(look: Look) {
  const bwrap = look.find("bwrap");
  return bwrap === undefined ? undefined : await look.run([bwrap, "--unshare-user", "--unshare-net", "--ro-bind", "/", "/", "true"]);
}

/** Ubuntu since 23.10 takes the capabilities away from namespaces of programs that have no AppArmor profile saying `userns`. */
async function apparmor(look: Look): Promise<Verdict | undefined> {
  if ((await number(look, APPARMOR)) !== 1) return undefined;
  const lines = PROFILE_TEXT.trim()
    .split("\n")
    .map((line) => `  ${line}`);
  return failed(
    "AppArmor keeps them from programs without a profile (kernel.apparmor_restrict_unprivileged_userns is 1, as on Ubuntu 24.04)",
    [`As root, put these lines into ${PROFILE}, which allows them to bwrap alone:`, ...lines, `then run: sudo apparmor_parser -r ${PROFILE}`].join("\n"),
  );
}

async function number(look: Look, path: string): Promise<number | undefined> {
  const text = await look.read(path);
  return text === undefined ? undefined : Number(text.trim());
}
