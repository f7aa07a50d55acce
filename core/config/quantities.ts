import { z } from "zod";

const MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const BYTES: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

const DURATION = /^(\d{1,9})(ms|s|m|h|d|w)$/;
const SIZE = /^(\d{1,9}(?:\.\d{1,3})?)([KMGT])(?:iB)?$/;

/** An option that is a time, written as "90s" or "7d"; `milliseconds` reads it. */
export function duration() {
  return z.string().regex(DURATION, 'Write a number and ms, s, m, h, d or w, such as "90s" or "7d"');
}

/** An option that is an amount of memory or disk, written as "4GiB" or "512M" (powers of 1024); `bytes` reads it. */
export function size(leastMiB: number) {
  return z
    .string()
    .regex(SIZE, 'Write a number and MiB or GiB, such as "4GiB"')
    .refine((text) => !SIZE.test(text) || bytes(text) >= leastMiB * 2 ** 20, `Give at least ${leastMiB} MiB`);
}

/** The milliseconds of a checked `duration`. */
export function milliseconds(text: string): number {
  const [, number, unit] = DURATION.exec(text) ?? [];
  return Number(number) * (MS[unit ?? ""] ?? NaN);
}

/** The bytes of a checked `size`. */
export function bytes(text: string): number {
  const [, number, unit] = SIZE.exec(text) ?? [];
  return Math.round(Number(number) * (BYTES[unit ?? ""] ?? NaN));
}
