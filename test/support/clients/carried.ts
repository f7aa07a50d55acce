import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

type Environment = Readonly<Record<string, string>>;

const CLIENT = fileURLToPath(new URL("../../plugins/egress/support/Client.java", import.meta.url));
// nothing that installing or fetching uses
const LEFT_OUT = /^(test|tests|idlelib|ensurepip|lib2to3|pydoc_data|EXTERNALLY-MANAGED|man|docs|config-.*)$/;

/**
 * Puts the host's own Node with npm, Python with pip, and JVM with a small client into an archive that a guest can unpack, as they
 * are: the image of the tests has none of them, and making one that has takes minutes.
 */
export function carryClients(archive: string, env: Environment): void {
  const folder = mkdtempSync(join(tmpdir(), "cloche-test-"));
  try {
    carryNpm(folder, env);
    carryPip(folder, env);
    carryJvm(folder, env);
    execFileSync("tar", ["-c", "-f", archive, "-C", folder, "."]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function carryNpm(folder: string, env: Environment): void {
  cpSync(process.execPath, join(folder, "node/bin/node"));
  const cli = realpathSync(said(["sh", "-c", "command -v npm"], env));
  copy(dirname(dirname(cli)), join(folder, "node/npm"));
}

function carryPip(folder: string, env: Environment): void {
  const ask = "import os, pip, sys, sysconfig; print(os.path.realpath(sys.executable), sysconfig.get_path('stdlib'), os.path.dirname(pip.__file__), sep='\\n')";
  const [program = "", library = "", pip = ""] = said(["python3", "-c", ask], env).split("\n");
  const carried = join(folder, "python/lib", basename(library));
  cpSync(program, join(folder, "python/bin/python3"));
  copy(library, carried);
  rmSync(join(carried, "dist-packages"), { recursive: true, force: true });
  copy(pip, join(folder, "python/pip/pip"));
}

function carryJvm(folder: string, env: Environment): void {
  const tools = dirname(realpathSync(said(["sh", "-c", "command -v java"], env)));
  const runtime = join(folder, "java");
  execFileSync(join(tools, "jlink"), ["--add-modules", "java.net.http,jdk.crypto.ec", "--strip-debug", "--no-header-files", "--no-man-pages", "--output", runtime]);
  // as Debian's own packages of Java have it
  rmSync(join(runtime, "lib/security/cacerts"));
  symlinkSync("/etc/ssl/certs/java/cacerts", join(runtime, "lib/security/cacerts"));
  const source = join(folder, "classes/Client.java"); // a JVM does not find a path with letters that its locale lacks
  mkdirSync(dirname(source));
  copyFileSync(CLIENT, source);
  execFileSync(join(tools, "javac"), [source]);
}

// what Python has compiled counts as long as the times are those of the sources
function copy(from: string, to: string): void {
  cpSync(from, to, { recursive: true, dereference: true, preserveTimestamps: true, filter: (path) => !LEFT_OUT.test(basename(path)) });
}

function said([command = "", ...args]: readonly string[], env: Environment): string {
  return execFileSync(command, args, { env, encoding: "utf8" }).trim();
}
