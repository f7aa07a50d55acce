/** The mount points that a `mountinfo` of proc(5) names, one character for each byte; read it as "latin1". */
export function mountPoints(mountinfo: string): ReadonlySet<string> {
  const paths = mountinfo.split("\n").flatMap((line) => line.split(" ")[4] ?? []);
  return new Set(paths.map((path) => path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))));
}
