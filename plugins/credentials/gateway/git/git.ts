import type { PassingRequest } from "../contracts.ts";
import type { GitHost } from "../options.ts";

/** What a request to a host of repositories is about. */
export type GitErrand =
  /** The user's token goes with it. */
  | { readonly kind: "brokered" }
  /** It goes as anybody's. */
  | { readonly kind: "anonymous" }
  | { readonly kind: "refused"; readonly why: string };

const SERVICE = /^\/(.+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;
const REPOSITORY = /^[\w.~-]+(\/[\w.~-]+)+$/;
const RECEIVE = "git-receive-pack";
const UPLOAD = "git-upload-pack";
// Just as git writes it: what is written otherwise, a server could read as another service. Without one it is the old way of reading.
const SERVICES: Readonly<Record<string, string>> = { [`service=${UPLOAD}`]: UPLOAD, [`service=${RECEIVE}`]: RECEIVE, "": UPLOAD };

/** Judges a request by git over HTTP: fetching and pushing of named repositories with the token, reading of others without. */
export function gitErrand(method: string, path: string, { repositories }: GitHost): GitErrand {
  const [full = "", query = ""] = path.split(/\?(.*)/s);
  const [, repository = "", action = ""] = SERVICE.exec(full) ?? [];
  if (action === "") return /^(GET|HEAD)$/.test(method) ? { kind: "anonymous" } : { kind: "refused", why: "only git's own requests, and reading, pass to this host" };
  if (!REPOSITORY.test(repository) || repository.split("/").some((part) => /^\.+$/.test(part))) return { kind: "refused", why: "this is not the path of a repository" };
  const service = action === "info/refs" ? SERVICES[query] : action;
  if (service === undefined) return { kind: "refused", why: "git does not ask like this" };
  const isAsked = action === "info/refs" ? /^(GET|HEAD)$/.test(method) : method === "POST";
  if (!isAsked) return { kind: "refused", why: "git does not ask like this" };
  const known = repositories.find((each) => each.path.toLowerCase() === repository.toLowerCase());
  if (service === RECEIVE) {
    if (known?.push) return { kind: "brokered" };
    return { kind: "refused", why: `pushing to ${repository} is not allowed; the user can name it in credentials.git` };
  }
  return known ? { kind: "brokered" } : { kind: "anonymous" };
}

/** A host of repositories: puts the user's token where it may go, and lets nobody else's pass. */
export function passGit(request: PassingRequest, host: GitHost): string | undefined {
  const errand = gitErrand(request.method, request.path, host);
  const given = request.headers.has("authorization");
  const why = errand.kind === "refused" ? errand.why : given ? "a credential that is not the user's does not pass to this host" : undefined;
  if (why !== undefined) {
    request.refuse({ status: 403, text: `cloche refuses this request to ${host.host}: ${why}.\n`, why });
    return why;
  }
  if (errand.kind === "brokered") request.headers.set("authorization", `Basic ${Buffer.from(`${host.user}:${host.token}`).toString("base64")}`);
  return undefined;
}
