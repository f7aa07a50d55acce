import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { copyMemory } from "../../../../core/machine/capture/copy-memory.ts";
import { recopyMemory } from "../../../../core/machine/capture/recopy-memory.ts";
import type { Peek } from "../../../../core/machine/containment.ts";
import { hashSparse } from "../../../../core/machine/template/read-sparse.ts";
import type { Extent } from "../../../../core/machine/template/sparse.ts";

const BLOCK = 64 * 1024;
const BLOCKS = 64;
const ADDRESS = 4096;
const never = new AbortController().signal;

describe("The memory of a machine that was copied while it ran", () => {
  let folder: string;
  let memory: Buffer;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloche-recopy-"));
    memory = Buffer.alloc(BLOCKS * BLOCK);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Reads as little at once as the kernel may give. */
  const peek = {
    memory: async () => ({
      async read(into: Buffer, at: number, length: number, position: number) {
        return { bytesRead: memory.copy(into, at, position - ADDRESS, Math.min(position - ADDRESS + length, position - ADDRESS + 100_000)) };
      },
      async [Symbol.asyncDispose]() {},
    }),
  } as unknown as Peek;
  const put = (block: number, text: string): void => void memory.write(text.padEnd(64, "."), block * BLOCK + 1234);
  const stretches = (...extents: Extent[]) => ({ address: ADDRESS, bytes: memory.length, extents });

  it("is brought up to date: what changed, what is new, what was emptied, and what is held no more", async () => {
    const target = join(folder, "copy");
    for (const [block, text] of [[0, "stays"], [1, "changes"], [2, "emptied"], [20, "given back"], [40, "stays too"]] as const) put(block, text);
    const given: number[] = [];
    const reserve = { async give(bytes: number) { given.push(bytes); }, async end() {} };
    const copied = await copyMemory(peek, stretches([0, 32 * BLOCK], [40 * BLOCK, BLOCK]), target, reserve, never);
    put(1, "changed");
    put(3, "new");
    put(62, "new and far");
    memory.fill(0, 2 * BLOCK, 3 * BLOCK);
    memory.fill(0, 20 * BLOCK, 21 * BLOCK);
    given.length = 0;
    const extents = await recopyMemory(peek, stretches([0, 8 * BLOCK], [40 * BLOCK, BLOCK], [48 * BLOCK, 16 * BLOCK]), target, copied, reserve, never);
    expect(readFileSync(target).equals(memory)).to.equal(true);
    // room is taken only for what had no place yet
    expect(given).to.deep.equal([BLOCK, BLOCK]);
    const holds = (block: number): boolean => extents.some(([offset, bytes]) => block * BLOCK >= offset && (block + 1) * BLOCK <= offset + bytes);
    expect(Array.from({ length: BLOCKS }, (_, block) => block).filter((block) => !memory.subarray(block * BLOCK, (block + 1) * BLOCK).equals(Buffer.alloc(BLOCK)) && !holds(block))).to.deep.equal([]);
    for (let index = 1; index < extents.length; index += 1) expect(extents[index]?.[0]).to.be.greaterThan((extents[index - 1]?.[0] ?? 0) + (extents[index - 1]?.[1] ?? 0));
    expect(await hashSparse(target, extents, never)).to.have.lengthOf(64);
  });

  it("fails where the memory ends too early", async () => {
    const target = join(folder, "copy");
    const reserve = { async give() {}, async end() {} };
    await copyMemory(peek, stretches([0, BLOCK]), target, reserve, never);
    const failed = await recopyMemory(peek, stretches([BLOCKS * BLOCK, BLOCK]), target, [], reserve, never).then(() => "", (error: Error) => error.message);
    expect(failed).to.equal("the memory ends too early");
  });
});
