/** Length of a message's header, in bytes (RFC 1035 4.1.1). */
export const HEADER_BYTES = 12;

/** Types of records that we know by number (RFC 1035 3.2.2, RFC 6891 6.1.1). */
export const TYPE = { A: 1, OPT: 41 } as const;

/** The class of records for the internet, the only one there is in practice (RFC 1035 3.2.4). */
export const CLASS_IN = 1;

/** What an answer says of the question (RFC 1035 4.1.1). */
export const RCODE = { noError: 0, formatError: 1, notImplemented: 4, refused: 5 } as const;
