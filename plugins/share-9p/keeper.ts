import { createInterface } from "node:readline";
import { escapeText, withDeadline, type GuestChannel } from "../../core/index.ts";

const MOST_WORDS = 2_000;

/** What keeps a mounted share in the guest (`KEEP_SCRIPT`), from the moment on at which it is asked for; it stays, so that ending it costs no new command. */
export class Keeper {
  readonly #opening: Promise<GuestChannel>;
  readonly #answers: Promise<AsyncIterator<string>>;
  #words = "";

  constructor(opening: Promise<GuestChannel>) {
    this.#opening = opening;
    this.#answers = opening.then((channel) => {
      channel.stdin.on("error", () => {}); // it ended already; what it answers, or does not, tells
      channel.stderr.on("data", (chunk: Buffer) => {
        this.#words = (this.#words + chunk.toString()).slice(-MOST_WORDS);
      });
      return createInterface({ input: channel.stdout })[Symbol.asyncIterator]();
    });
    this.#answers.catch(() => {}); // heard at its end
  }

  /** Sends it a line, which it takes when it is there and has done what it was told before. */
  tell(line: string): void {
    this.#opening.then(({ stdin }) => stdin.write(line), () => {});
  }

  /** Has it take the share away; answers what it says of that, or nothing when it ended before. Throws why it never began. */
  async end(deadlineMs: number): Promise<string | undefined> {
    const late = () => new Error(`the share was not free after ${deadlineMs} ms`);
    const ending = async (): Promise<IteratorResult<string, undefined>> => {
      const [channel, answers] = await Promise.all([this.#opening, this.#answers]);
      channel.stdin.end("end\n");
      return await answers.next();
    };
    const { value } = await withDeadline(ending(), deadlineMs, late);
    return value;
  }

  /** Whether it ended with the connection. */
  async isLost(): Promise<boolean> {
    const channel = await this.#opening;
    return (await channel.ended).kind === "lost";
  }

  /** The end of what it complained of, escaped. */
  words(): string {
    return escapeText(this.#words.trim());
  }
}
