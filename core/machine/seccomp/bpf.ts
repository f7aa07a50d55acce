/** One instruction of the classic BPF machine that seccomp filters run on (`struct sock_filter`). */
export interface Instruction {
  readonly code: number;
  /** How many instructions to skip when the test holds, and when it does not; at most 255. */
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  readonly k: number;
}

/** Operation codes that our filters use, from `linux/bpf_common.h`. */
export const OP = { loadWord: 0x20, jumpEqual: 0x15, jumpAbove: 0x25, jumpAnyBit: 0x45, and: 0x54, return: 0x06 } as const;

/** Byte offsets in `struct seccomp_data`. */
export const DATA = { number: 0, arch: 4, argument: (index: number): number => 16 + 8 * index } as const;

/** What a filter may answer, from `linux/seccomp.h`. */
export const VERDICT = {
  allow: 0x7fff0000,
  killProcess: 0x80000000,
  errno: (error: number): number => 0x00050000 | error,
} as const;

/** Puts a word of `struct seccomp_data` into the accumulator. */
export function load(offset: number): Instruction {
  return { code: OP.loadWord, jumpTrue: 0, jumpFalse: 0, k: offset };
}

/** Clears all bits of the accumulator but these. */
export function keepBits(mask: number): Instruction {
  return { code: OP.and, jumpTrue: 0, jumpFalse: 0, k: mask };
}

/** Ends the filter with a verdict. */
export function answer(verdict: number): Instruction {
  return { code: OP.return, jumpTrue: 0, jumpFalse: 0, k: verdict };
}

type Test = "jumpEqual" | "jumpAbove" | "jumpAnyBit";

/** Runs `then` when the accumulator passes the test, else goes on behind it. */
export function when(op: Test, k: number, then: readonly Instruction[]): Instruction[] {
  return [{ code: OP[op], jumpTrue: 0, jumpFalse: distance(then), k }, ...then];
}

/** Runs `then` unless the accumulator passes the test. */
export function unless(op: Test, k: number, then: readonly Instruction[]): Instruction[] {
  return [{ code: OP[op], jumpTrue: distance(then), jumpFalse: 0, k }, ...then];
}

function distance(then: readonly Instruction[]): number {
  if (then.length > 255) throw new Error(`a jump over ${then.length} instructions does not fit`);
  return then.length;
}

/** The program as `struct sock_filter[]`, the form that `bwrap --seccomp` reads. */
export function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, { code, jumpTrue, jumpFalse, k }] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(jumpTrue, index * 8 + 2);
    bytes.writeUInt8(jumpFalse, index * 8 + 3);
    bytes.writeUInt32LE(k, index * 8 + 4);
  }
  return bytes;
}
