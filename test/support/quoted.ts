/** A word as a POSIX shell reads it back whole, whatever it holds: the clone of the tests lies under a name with quotes and blanks. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
