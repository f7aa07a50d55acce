import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Lays out registries of npm, pip and apt as plain files for a web server, each with one package that is called `seven`. */
export function layOutRegistries(folder: string): void {
  npmRegistry(folder);
  pipIndex(folder);
  aptArchive(folder);
}

const NPM_MANIFEST = { name: "seven", version: "1.0.0", main: "seven.js" };

function npmRegistry(folder: string): void {
  const tarball = tarOf({ "package/package.json": JSON.stringify(NPM_MANIFEST), "package/seven.js": "module.exports = 7;\n" });
  put(join(folder, "npm/tarballs/seven.tgz"), tarball);
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const version = { ...NPM_MANIFEST, dist: { tarball: "https://npm.test/npm/tarballs/seven.tgz", integrity } };
  put(join(folder, "npm/seven"), JSON.stringify({ name: "seven", "dist-tags": { latest: "1.0.0" }, versions: { "1.0.0": version } }));
}

// a wheel is a zip archive, which Python packs
const WHEEL = `
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1], "w")
for path, text in {"seven.py": "VALUE = 7\\n", "seven-1.0.dist-info/METADATA": "Metadata-Version: 2.1\\nName: seven\\nVersion: 1.0\\n", "seven-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n", "seven-1.0.dist-info/RECORD": "seven.py,,\\nseven-1.0.dist-info/METADATA,,\\nseven-1.0.dist-info/WHEEL,,\\nseven-1.0.dist-info/RECORD,,\\n"}.items():
    archive.writestr(path, text)
archive.close()
`;

function pipIndex(folder: string): void {
  const wheel = "seven-1.0-py3-none-any.whl";
  put(join(folder, "pip/simple/seven/index.html"), `<!DOCTYPE html><a href="https://files.test/pip/files/${wheel}">${wheel}</a>\n`);
  put(join(folder, "pip/files/none"), "");
  execFileSync("python3", ["-c", WHEEL, join(folder, "pip/files", wheel)]);
}

function aptArchive(folder: string): void {
  const control = "Package: seven\nVersion: 1.0\nArchitecture: all\nMaintainer: test <test@test>\nDescription: a number\n";
  const members = { "debian-binary": Buffer.from("2.0\n"), "control.tar.gz": tarOf({ "./control": control }), "data.tar.gz": tarOf({ "./usr/share/seven": "7\n" }) };
  const file = Buffer.concat([Buffer.from("!<arch>\n"), ...Object.entries(members).map(([name, content]) => archived(name, content))]);
  put(join(folder, "apt/seven.deb"), file);
  const packages = `${control}Filename: ./seven.deb\nSize: ${file.length}\nSHA256: ${sha256(file)}\n`;
  put(join(folder, "apt/Packages"), packages);
  put(join(folder, "apt/Release"), `Suite: test\nDate: ${new Date().toUTCString()}\nSHA256:\n ${sha256(packages)} ${packages.length} Packages\n`);
}

/** One member of an archive of `ar`. */
function archived(name: string, content: Buffer): Buffer {
  const head = `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${String(content.length).padEnd(10)}\`\n`;
  return Buffer.concat([Buffer.from(head), content, Buffer.from(content.length % 2 === 1 ? "\n" : "")]);
}

function tarOf(files: Readonly<Record<string, string>>): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "cloche-test-"));
  try {
    for (const [path, content] of Object.entries(files)) put(join(folder, path), content);
    return execFileSync("tar", ["-c", "-z", "--owner=0", "--group=0", "-C", folder, ...Object.keys(files)]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

function put(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

