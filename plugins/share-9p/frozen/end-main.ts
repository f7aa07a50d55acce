import { Placeholders } from "./placeholders.ts";

// What the reaper or the next session runs when a session was killed: the note's file is the one argument.
Placeholders.of(process.argv[2] ?? "")?.end();
