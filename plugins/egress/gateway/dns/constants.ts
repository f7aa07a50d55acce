/** Figures of the DNS wire format (RFC 1035, 6891, 8914) that both reader and writer need. */
export const HEADER_BYTES = 12;
export const TYPE = { A: 1, OPT: 41 } as const;
export const CLASS_IN = 1;
export const RCODE = { noError: 0, formatError: 1, notImplemented: 4, refused: 5 } as const;
