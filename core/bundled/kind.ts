// with one of these a command goes to a session that runs, which takes a seventh of the code that starting one does
const JOINS = /^(-j|--join|--session(=.*)?)$/;
const INFORMS = /^(-h|--help|-V|--version)$/;

/**
 * Which commands share what was compiled: those that begin with the same word, each in the process of the same program. To understand
 * the command line would need the code that is about to be loaded, so this is a guess, and a wrong one costs milliseconds.
 */
export function kindOf(argv: readonly string[], words: readonly string[]): string {
  if (INFORMS.test(argv[0] ?? "")) return "help";
  const word = argv.find((each) => words.includes(each)) ?? "run";
  const end = argv.indexOf("--");
  return argv.slice(0, end === -1 ? undefined : end).some((each) => JOINS.test(each)) ? `${word}-joined` : word;
}
