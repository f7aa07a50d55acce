const INFORMS = /^(-h|--help|-V|--version)$/;

/**
 * Which commands share what was compiled: those that begin with the same word, each in the process of the same program. To understand
 * the command line would need the code that is about to be loaded, so this is a guess, and a wrong one costs milliseconds.
 */
export function kindOf(argv: readonly string[], words: readonly string[]): string {
  if (INFORMS.test(argv[0] ?? "")) return "help";
  return argv.find((word) => words.includes(word)) ?? "run";
}
