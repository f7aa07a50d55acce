// Starts a jail with a program that resists ending, says so, and stays: for tests that kill us. Arguments: the directory to share and a
// local range, both of which show in the command lines of all that is started.
import { hostContainment } from "../../core/machine/containment.ts";
import { Disposers } from "../../core/support/disposers.ts";

// It ignores what can be ignored, and has children that left its session.
const STUBBORN = `$SIG{$_} = "IGNORE" for qw(TERM INT HUP PIPE); fork; setpgrp; fork; sleep 1000 while 1;`;

const [, , source = "", range = ""] = process.argv;
const bounds = { scope: new Disposers(), signal: new AbortController().signal };
process.stdout.write("starting\n");
const cell = await hostContainment().openCell([range], bounds);
const argv = ["/usr/bin/perl", "-e", STUBBORN, source];
await cell.launch({ argv, systemRoot: "/", binds: [{ source, target: "/project", readOnly: false }], devices: [], channels: 3 }, bounds);
process.stdout.write("running\n");
setInterval(() => {}, 1000);
