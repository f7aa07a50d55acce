import { readdirSync } from "node:fs";
import { Readable } from "node:stream";
import { expect } from "chai";
import { hear, type Told } from "../../../../plugins/share-9p/review/frames.ts";
import { Receiver } from "../../../../plugins/share-9p/review/receive.ts";
import { ChangeStore } from "../../../../plugins/share-9p/review/store.ts";
import { ReviewPlace, told } from "./review-place.ts";

const STREAMS = 4_000;
const HONEST = Buffer.concat([
  told("d", "folder"), told("f", "folder/file", "some content\nC 3\nR f 420 61\n"), told("l", "link", "folder/file"), told("w", "gone"), told("o", "new"), told("x", "pipe"),
  Buffer.from(`E\nD ${Buffer.from("gone").toString("hex")}\n`), told("f", "b\xffd \n", Buffer.alloc(3_000, "R ")), Buffer.from("F\n"),
]);
const PIECES = ["\n", "\0", "C 0\n", "C 65536\n", "C 99999\n", "R f 420 ", "00", "D ", "R f 420 2e2e2f78\nC 0\n", "D 2e2e\n", "R w 0 612f2e2e2f2e2e2f78\n", "R d 493 2f657463\n", "E\n", "F\n", "\xff", " ", "R l 9999 6c\n", "-1", "61".repeat(300)];

/** Numbers below a limit, the same at each run. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** The honest stream, damaged in some places. */
function damaged(number: (limit: number) => number): Buffer {
  let bytes = HONEST;
  for (let count = number(4); count >= 0; count -= 1) {
    const at = number(bytes.length + 1);
    const until = Math.min(bytes.length, at + number(40));
    const piece = [() => Buffer.alloc(0), () => bytes.subarray(at, until), () => Buffer.from(PIECES[number(PIECES.length)] ?? "", "latin1"), () => Buffer.from([number(256)])][number(4)]?.() ?? Buffer.alloc(0);
    bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(number(2) === 0 ? at : until)]);
  }
  return bytes;
}

function inPieces(bytes: Buffer, number: (limit: number) => number): Readable {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) chunks.push(bytes.subarray(at, (at += 1 + number(number(2) === 0 ? 10 : 2_000))));
  return Readable.from(chunks);
}

function leadsDown(path: string): boolean {
  return path.length > 0 && path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && part.length <= 255 && !part.includes("\0"));
}

describe("What a hostile guest says of its changes", () => {
  it("is understood as far as it is of the form, in whatever pieces it comes, and nothing comes of the rest", async () => {
    const number = numbers(7);
    let ended = 0;
    for (let stream = 0; stream < STREAMS; stream += 1) {
      let open: Told | undefined;
      const hearer = {
        begin(one: Told) {
          expect(open, "within a file").to.equal(undefined);
          expect(leadsDown(one.path), JSON.stringify(one.path)).to.equal(true);
          open = one;
        },
        content(chunk: Buffer) {
          expect(open?.type).to.be.oneOf(["file", "link"]);
          expect(chunk.length).to.be.within(1, 65_536);
        },
        end() {
          expect(open).to.not.equal(undefined);
          open = undefined;
        },
        looked: () => expect(open, "within a file").to.equal(undefined),
      };
      const outcome = await hear(inPieces(damaged(number), number), hearer).then(() => "ended", (error: Error) => error);
      if (outcome === "ended") ended += 1;
      else expect(outcome).to.be.instanceOf(Error).and.not.be.instanceOf(TypeError).and.not.have.property("name", "AssertionError");
    }
    expect(ended).to.be.within(STREAMS / 20, STREAMS - STREAMS / 20);
  });

  it("leaves nothing half written that counts, and nothing in the project", async () => {
    using place = new ReviewPlace();
    const number = numbers(11);
    for (let stream = 0; stream < 40; stream += 1) {
      const store = ChangeStore.make(place.state, place.project, `s${stream}`);
      {
        using receiver = new Receiver(place.project, store, () => {});
        await hear(inPieces(damaged(number), number), receiver).catch(() => {});
      }
      for (const { blob, size } of store.changes.values()) if (blob !== undefined) expect(store.vault.read(blob)).to.have.lengthOf(size);
      store.drop();
    }
    expect(readdirSync(place.project)).to.deep.equal([]);
  });
});
