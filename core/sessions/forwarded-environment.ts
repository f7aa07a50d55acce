/** What a client may say of its environment: how its terminal and language are, by exact names, since a pattern takes secrets along. */
const ALLOWED: readonly string[] = ["COLORTERM", "LANG"];

/** The part of an environment that a command in a running session gets from its client. */
export function allowedEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const allowed: Record<string, string> = {};
  for (const name of ALLOWED) {
    const value = env[name];
    if (value !== undefined) allowed[name] = value;
  }
  return allowed;
}
