// Says which files a plain child of ours has open, and which the program in a jail: run with a descriptor left open.
import { spawnSync } from "node:child_process";
import { Arena } from "./attacker.ts";

const LIST = `opendir(my $d, "/proc/self/fd"); print $out readlink("/proc/self/fd/$_"), "\\n" for grep { /^\\d+$/ } readdir $d;`;

await using arena = new Arena();
const plain = spawnSync("/usr/bin/perl", ["-e", `open(my $out, ">&=", 1); ${LIST}`], { encoding: "utf8" }).stdout;
const jailed = await arena.inside(LIST);
process.stdout.write(JSON.stringify({ plain: plain.trim().split("\n"), jailed }));
