import { Replay } from "../../attach/replay.ts";
import type { Picture } from "./picture.ts";

const KEPT_BYTES = 256 * 1024;

/** Keeps the end of what a command without a terminal writes. */
export function tailPicture(): Picture {
  const replay = new Replay(KEPT_BYTES);
  return {
    async write(chunk) {
      replay.append(chunk);
    },
    resize() {},
    async bytes() {
      const { bytes, offset } = replay.read(replay.start);
      return offset === 0 ? bytes : Buffer.concat([Buffer.from(`[${offset} bytes before this are not kept]\n`), bytes]);
    },
  };
}
