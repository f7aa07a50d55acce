/** An answer with a JSON body. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Whether the agent asks without its key. */
  readonly withoutKey?: boolean;
}

/** An error in the API's own form. */
export function apiError(status: number, type: string, message: string): Answer {
  return { status, body: { type: "error", error: { type, message } } };
}

const ABSENT = apiError(404, "not_found_error", "Not found");

// What Claude Code 2.1.330 was seen to ask of its own host besides messages; where it does well without an answer it gets none.
const ANSWERS: readonly (readonly [method: RegExp, path: RegExp, answer: Answer])[] = [
  [/^(GET|HEAD)$/, /^\/api\/hello$/, { status: 200, body: { message: "hello" }, withoutKey: true }],
  [/^GET$/, /^\/api\/directory\/server-urls$/, { ...ABSENT, withoutKey: true }],
  [/^POST$/, /^\/api\/event_logging(\/v2)?\/batch$/, { status: 200, body: {} }],
  [/^POST$/, /^\/api\/eval\/[\w-]+$/, ABSENT],
  [/^GET$/, /^\/api\/claude_cli\/bootstrap$/, ABSENT],
  [/^GET$/, /^\/api\/claude_code_penguin_mode$/, ABSENT],
  [/^GET$/, /^\/api\/oauth\/profile$/, ABSENT],
  [/^GET$/, /^\/api\/claude_code\/(settings|policy_limits|organizations\/metrics_enabled)$/, ABSENT],
];

/** The answer to one of the calls that the agent makes besides its conversation; undefined for a call nobody foresaw. */
export function startUpAnswer(method: string, path: string): Answer | undefined {
  return ANSWERS.find(([methods, paths]) => methods.test(method) && paths.test(path))?.[2];
}
