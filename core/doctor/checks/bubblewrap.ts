import { failed, ok, type Check } from "../check.ts";

/** Bubblewrap, tried by making the namespaces that the jail is made of. */
export const bubblewrap: Check = {
  id: "bubblewrap",
  title: "Bubblewrap",
  needs: ["bubblewrap"],
  async run(look) {
    const bwrap = look.find("bwrap");
    if (bwrap === undefined) return failed("bwrap is missing", "");
    const version = (await look.run([bwrap, "--version"])).output.trim();
    const namespaces = ["--unshare-user", "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts"];
    const tried = await look.run([bwrap, ...namespaces, "--cap-drop", "ALL", "--ro-bind", "/", "/", "--proc", "/proc", "true"]);
    if (tried.status === 0) return ok(`${version}, a jail was made with it`);
    return failed(`${version} cannot make a jail: ${tried.output.trim()}`, `See "user namespaces" below.`);
  },
};
