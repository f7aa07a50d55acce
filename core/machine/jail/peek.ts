import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { Peek } from "../containment.ts";

/**
 * What only the owner of a jail can see of its program: its memory, and files that it wrote in its own `/tmp`. Whatever a program that
 * was broken into puts in their place, nothing outside of the jail is read instead.
 */
export function peekInto(pid: number): Peek {
  return {
    memory: () => open(`/proc/${pid}/mem`, "r"),
    pagemap: () => open(`/proc/${pid}/pagemap`, "r"),
    async fileInTmp(name, mostBytes) {
      // no link is followed, since it would lead about on the host; a pipe does not make us wait
      await using file = await open(`/proc/${pid}/root/tmp/${name}`, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const facts = await file.stat();
      if (!facts.isFile() || facts.size > mostBytes) throw new Error(`${name} is not a file of at most ${mostBytes} bytes`);
      const bytes = Buffer.alloc(facts.size);
      const { bytesRead } = await file.read(bytes, 0, facts.size, 0);
      return bytes.subarray(0, bytesRead);
    },
  };
}
