import { within } from "./mutation.ts";

const PLUGIN = "plugins/credentials";

/** What keeps the user's secrets on the host, and the agent's service to answering; each with the tests nearest to it. */
export const CREDENTIALS = [
  ...within(PLUGIN, "test/plugins/credentials/gateway/*.test.ts", [
    ["gateway/service/judge.ts", 'if (said.has(name)) throw new Ambiguous(`it says "${name}" twice`);', ""],
    ["gateway/service/judge.ts", "if (shape.strict) this", "if (false) this"],
    ["gateway/service/judge.ts", "if (shape.feature !== undefined && counts)", "if (false)"],
    ["gateway/service/judge.ts", "if (found !== undefined) this.#need(found);", ""],
    ["gateway/service/json-reader.ts", "if (byte < this.#least || byte > this.#most) throw", "if (false) throw"],
    ["gateway/service/json-reader.ts", "if (!WORD.test(word)) throw", "if (false) throw"],
    ["gateway/git/git.ts", "if (known?.push)", "if (known)"],
    ["gateway/streams/replacing.ts", "const waiting = unfinished(tail, this.#needles);", "const waiting = 0;"],
    ["gateway/streams/watching.ts", "this.#decoder = first;", "this.#decoder = undefined;"],
    ["gateway/secrets/swap.ts", "decoded(path), ...head", "...head"],
  ]),
  ...within(PLUGIN, "test/plugins/credentials/gateway-part.test.ts", [
    ["gateway/part.ts", "if (misplaced) return refuseMisplaced(request, misplaced.name);", ""],
    ["gateway/part.ts", "const here = request.secure ? swaps", "const here = true ? swaps"],
    ["gateway/part.ts", "request.transformBody(new Watching(", "void (new Watching("],
    ["gateway/service/service.ts", "if (given.some((value) => value !== this.#credential.placeholder)) {", "if (false) {"],
    ["gateway/service/service.ts", "for (const name of NEVER) headers.delete(name);", ""],
    ["gateway/service/service.ts", 'if (errand.kind === "refused") return', "if (false) return"],
    ["gateway/service/service.ts", 'if (request.headers.has("content-encoding")) return', "if (false) return"],
    ["gateway/service/service.ts", "[...this.#credential.needles(), ...this.#more]", "[...this.#more]"],
    ["gateway/clean-response.ts", "cleanFields(response.headers, needles);", ""],
    ["gateway/service/inside-login.ts", "if (known !== undefined) request", "if (false) request"],
  ]),
  ...within(PLUGIN, "test/plugins/credentials/gateway/aws-signature.test.ts", [
    ["gateway/service/sign-anew.ts", "id !== placeholder || ", ""],
    ["gateway/service/sign-anew.ts", "service !== SERVICE) return", "false) return"],
    ["gateway/service/sign-anew.ts", "given.length !== 1 || ", ""],
    ["gateway/service/sign-anew.ts", "if (!HASH.test(hash)) return", "if (false) return"],
    ["gateway/service/sign-anew.ts", 'headers.delete("x-amz-security-token");', ""],
    ["gateway/service/aws-signature.ts", "encodeURIComponent(part)", "part"],
  ]),
  ...within(PLUGIN, "test/plugins/credentials/model-gateways.test.ts", [
    ["gateway/service/service.ts", "if (this.#credential.sign) return", "if (false) return"],
    ["gateway/service/service.ts", "why)), { sameLength: true });", "why)));"],
    ["gateway/service/service.ts", "[...this.#credential.needles(), ...this.#more]", "[...this.#credential.needles()]"],
    ["gateway/service/credential.ts", "[options.secretKey, options.sessionToken].flatMap", "[undefined as string | undefined].flatMap"],
  ]),
  ...within(PLUGIN, "test/plugins/credentials/secrets/*.test.ts", [
    ["secrets/source.ts", "if (child.pid !== undefined) kill();", ""],
    ["secrets/source.ts", 'cwd: "/", env: passed', 'cwd: "/", env'],
  ]),
  ...within(PLUGIN, "test/plugins/credentials/staging/*.test.ts", [
    ["staging/pick.ts", "const pick = Object.hasOwn(keys, key) ? keys[key] : undefined;", "const pick: Pick | undefined = keys[key] ?? ((each) => each);"],
    ["staging/tree.ts", "if (!isInside(real, root)) return", "if (false) return"],
    ["staging/read.ts", "constants.O_NOFOLLOW | ", ""],
    ["staging/documents.ts", 'return /\\.md$/i.test(name) && RUNS.test(head) ?', "return false ?"],
    ["staging/mcp.ts", "(HARMLESS.test(value) ? value : undefined)", "value"],
    ["staging/programs.ts", "if (!wanted.includes(program)) return", "if (false) return"],
    ["staging/git/settings.ts", "if (subsection !== undefined) return undefined;", ""],
    ["staging/places.ts", "agentConfig: isInProject ? undefined : agentConfig,", "agentConfig,"],
  ]),
];
