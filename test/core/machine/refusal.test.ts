import { expect } from "chai";
import { refusal } from "../../../core/machine/jail/refusal.ts";
import type { ClocheError } from "../../../core/support/errors.ts";

/** The failure on a host where these files under /proc/sys say this, and others are not there. */
function failure(files: Record<string, string>, isRoot = false): ClocheError {
  return refusal("bwrap: no", (file) => files[file.replace("/proc/sys/", "")] ?? "", isRoot) as ClocheError;
}

describe("a refused jail", () => {
  it("names the lock that is shut, and the way to open it", () => {
    expect(failure({ "user/max_user_namespaces": "0\n" }).message).to.contain("max_user_namespaces").and.to.contain("bwrap: no");
    expect(failure({ "kernel/unprivileged_userns_clone": "0\n" }).hint).to.contain("sysctl -w kernel.unprivileged_userns_clone=1");
    expect(failure({ "kernel/apparmor_restrict_unprivileged_userns": "1\n" }).hint).to.contain("profile");
  });

  it("does not blame what binds only normal users when root is refused", () => {
    const files = { "kernel/unprivileged_userns_clone": "0\n", "kernel/apparmor_restrict_unprivileged_userns": "1\n" };
    expect(failure(files, true).code).to.equal("NETWORK_FAILED");
    expect(failure({ "user/max_user_namespaces": "0" }, true).code).to.equal("NAMESPACES_REFUSED");
  });

  it("says what bwrap said when no lock is known to be shut", () => {
    const open = { "user/max_user_namespaces": "96365", "kernel/unprivileged_userns_clone": "1", "kernel/apparmor_restrict_unprivileged_userns": "0" };
    expect(failure(open)).to.include({ code: "NETWORK_FAILED" }).and.to.have.property("message").that.contains("bwrap: no");
  });
});
