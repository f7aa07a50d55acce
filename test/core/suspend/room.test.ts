import { expect } from "chai";
import { judgeRoom } from "../../../core/suspend/room.ts";

const GIB = 2 ** 30;

describe("The room for sessions on the disk", () => {
  const codeOf = (neededBytes: number, usedBytes: number, freeBytes: number): string => {
    try {
      judgeRoom({ neededBytes, usedBytes, freeBytes }, "/state", 4 * GIB);
      return "";
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it("is refused before anything is written, on a disk that is full and beyond what all of them may take", () => {
    expect(codeOf(GIB, 2 * GIB, 10 * GIB)).to.equal("");
    expect(codeOf(GIB, 3 * GIB, GIB)).to.equal("");
    expect(codeOf(GIB, 0, GIB - 1)).to.equal("SAVED_NO_ROOM");
    expect(codeOf(GIB, 3 * GIB + 1, 10 * GIB)).to.equal("SAVED_LIMIT");
  });
});
