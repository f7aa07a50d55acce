import { OP } from "../../../core/machine/seccomp/bpf.ts";

/** A system call as the kernel shows it to a filter; arguments beyond those given are 0. */
export interface Call {
  readonly arch: number;
  readonly number: number;
  readonly args?: readonly (number | bigint)[];
}

/** Runs an encoded filter over a call and answers its verdict, as the kernel does; throws where the kernel would refuse the program. */
export function runFilter(program: Buffer, call: Call): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.number >>> 0, 0);
  data.writeUInt32LE(call.arch >>> 0, 4);
  for (const [index, value] of (call.args ?? []).entries()) data.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), 16 + 8 * index);
  let accumulator = 0;
  for (let at = 0; at < program.length / 8; at += 1) {
    const code = program.readUInt16LE(at * 8);
    const [yes, no] = [program.readUInt8(at * 8 + 2), program.readUInt8(at * 8 + 3)];
    const k = program.readUInt32LE(at * 8 + 4);
    if (code === OP.return) return k;
    else if (code === OP.loadWord) accumulator = data.readUInt32LE(k);
    else if (code === OP.and) accumulator = (accumulator & k) >>> 0;
    else if (code === OP.jumpEqual) at += accumulator === k ? yes : no;
    else if (code === OP.jumpAbove) at += accumulator > k ? yes : no;
    else if (code === OP.jumpAnyBit) at += (accumulator & k) !== 0 ? yes : no;
    else throw new Error(`no such operation: ${code}`);
  }
  throw new Error("the program ran off its end");
}
