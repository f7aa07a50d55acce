import { Duplex, PassThrough } from "node:stream";
import type { Cell, Containment, Jailed, JailedCommand, JailedEnd } from "../../../../core/machine/containment.ts";
import { SEED_VERSION } from "../../../../core/machine/seed.ts";

const GREETING = '{"QMP": {"version": {"qemu": {"major": 10, "minor": 0}}, "capabilities": []}}\n';
const TAKEN = '{"return": {}}\n{"event": "MIGRATION", "data": {"status": "completed"}}\n';

/** Cells in which a QEMU takes every state and runs a guest that waits for its seed. */
export class FakeContainment implements Pick<Containment, "openCell"> {
  /** What happened, in order. */
  readonly events: string[] = [];
  readonly launched: JailedCommand[] = [];
  /** What launching fails with, if it does. */
  failure: Error | undefined;
  /** What ending a cell fails with, if it does. */
  endFailure: Error | undefined;

  async openCell(localRanges: readonly string[], { scope }: Parameters<Containment["openCell"]>[1]): Promise<Cell> {
    this.events.push(`cell ${localRanges.join(" ")}`);
    await scope.defer("end the cell", () => {
      this.events.push("cell ended");
      if (this.endFailure) throw this.endFailure;
    });
    return { network: { enter: ["enter"] }, launch: async (command) => this.#launch(command) };
  }

  #launch(command: JailedCommand): Jailed {
    this.launched.push(command);
    if (this.failure) throw this.failure;
    this.events.push("QEMU starts");
    const guest = peer((text, say) => {
      if (text === "ask") say(`waiting ${SEED_VERSION}\n`);
      else this.events.push(`the guest is told ${text}`);
    });
    const monitor = peer((text, say) => {
      const { execute } = JSON.parse(text) as { execute: string };
      if (execute === "cont") this.events.push("the guest runs");
      say(execute === "migrate-incoming" ? TAKEN : '{"return": {}}\n');
    }, GREETING);
    let end!: (end: JailedEnd) => void;
    const ended = new Promise<JailedEnd>((resolve) => (end = resolve));
    return {
      channels: [monitor, new PassThrough(), guest, new PassThrough().resume()],
      ended,
      prove: () => void this.events.push("proven"),
      openHolds: () => Promise.reject(new Error("not here")),
      peek: () => {
        throw new Error("not here");
      },
      kill: async () => {
        if (this.events.at(-1) !== "QEMU ended") this.events.push("QEMU ended"); // it may be ended twice
        end({ status: undefined, signal: "SIGKILL", lastWords: "" });
        await ended;
      },
    };
  }
}

/** A stream whose other end answers each line. */
function peer(onLine: (text: string, say: (text: string) => void) => void, greeting = ""): Duplex {
  const said = new PassThrough();
  if (greeting !== "") said.write(greeting);
  const heard = new PassThrough().on("data", (chunk: Buffer) => {
    for (const line of String(chunk).trim().split("\n")) onLine(line, (text) => void said.write(text));
  });
  return Duplex.from({ readable: said, writable: heard });
}
