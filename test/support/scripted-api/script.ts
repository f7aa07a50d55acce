/** One call of a tool that the scripted model makes. */
export interface ToolCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** One answer of the scripted model: text, then tools; it ends the conversation when it calls none. */
export interface Turn {
  readonly text?: string;
  readonly tools?: readonly ToolCall[];
}

/** What the Bash tool of the example leaves in the project. */
export const MADE_BY_BASH = { name: "made-by-bash.txt", content: "agent\n" };

/** What the Write tool of the example leaves in the project. */
export const MADE_BY_WRITE = { name: "made-by-write.txt", content: "written by the agent\n" };

/** What the agent says last in the example. */
export const LAST_WORDS = "Both files are there.";

/** A task of three turns: a file made with Bash, which holds the user's name, a file made with Write, and an end. */
export function exampleScript(project: string): readonly Turn[] {
  const command = `id -un > ${MADE_BY_BASH.name} && cat ${MADE_BY_BASH.name}`;
  return [
    { text: "First a file by Bash.", tools: [{ name: "Bash", input: { command, description: "Make a file" } }] },
    { tools: [{ name: "Write", input: { file_path: `${project}/${MADE_BY_WRITE.name}`, content: MADE_BY_WRITE.content } }] },
    { text: LAST_WORDS },
  ];
}
