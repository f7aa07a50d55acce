// Says which files a plain child of ours has open, and which the program in a jail: run with a descriptor left open. With the argument
// "late" that one is seen only when the jail was started once, as one is that another thread of ours has opened just then.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { Arena } from "./attacker.ts";

const LIST = `opendir(my $d, "/proc/self/fd"); print $out readlink("/proc/self/fd/$_"), "\\n" for grep { /^\\d+$/ } readdir $d;`;

const readDirectory = fs.readdirSync as (path: string) => string[];
let looks = 0;
const blindAtFirst = (path: string): string[] => (path === "/proc/self/fd" && ++looks === 1 ? [] : readDirectory(path));
if (process.argv[2] === "late") Object.assign(fs, { readdirSync: blindAtFirst });
syncBuiltinESMExports();

await using arena = new Arena();
const plain = spawnSync("/usr/bin/perl", ["-e", `open(my $out, ">&=", 1); ${LIST}`], { encoding: "utf8" }).stdout;
const jailed = await arena.inside(LIST);
process.stdout.write(JSON.stringify({ plain: plain.trim().split("\n"), jailed }));
