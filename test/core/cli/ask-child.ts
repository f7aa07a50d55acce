import { commandIo } from "../../../core/cli/io.ts";
import { Ending } from "../../../core/cli/ending.ts";

// asks once on the terminal it runs on, while a step is drawn, and prints the answer
const ending = new Ending();
ending.listen(process, (status) => process.exit(status));
const { stdin, stdout, stderr, env } = process;
const io = commandIo({ stdin, stdout, stderr }, env, false, ending.signal);
io.progress.step("Waiting for the user");
const answer = await io.ask("Really \u001b[2J go on?").catch((error: unknown) => String(error));
io.print(`the answer was ${answer}.`);
process.exit(0);
