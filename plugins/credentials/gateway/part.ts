import { cleanResponse } from "./clean-response.ts";
import type { GatewayPart, PassingRequest, PassingResponse } from "./contracts.ts";
import { passGit } from "./git/git.ts";
import { QUESTIONS, type GatewayOptions } from "./options.ts";
import { misplacedIn, placeholderForms, swapIn } from "./secrets/swap.ts";
import { makeCredential } from "./service/credential.ts";
import type { HostLogin } from "./service/host-login.ts";
import { InsideLogin, LOGIN_HOST } from "./service/inside-login.ts";
import { Service } from "./service/service.ts";
import { readable } from "./streams/decoding.ts";
import { formsOf, type Needle } from "./streams/needles.ts";
import { Watching } from "./streams/watching.ts";

const HTTPS = 443;
const FORBIDDEN = 403;

/** The part of credentials in the gateway: it alone holds what is secret, and puts it where it belongs. */
export default function credentialsPart(gateway: Parameters<GatewayPart>[0], options: GatewayOptions): void {
  const { swaps, git } = options;
  const about = (request: PassingRequest) => ({ name: request.name, port: request.port });
  const help = {
    login: async () => (await gateway.ask(QUESTIONS.login)) as HostLogin | undefined,
    refresh: async () => void (await gateway.ask(QUESTIONS.refresh)),
    token: async () => String(await gateway.ask(QUESTIONS.token)),
  };
  const login = options.services.map(({ credential }) => credential).find((credential) => credential.kind === "login inside");
  const inside = login && new InsideLogin(login.placeholder, login.refreshPlaceholder);
  const services = options.services.map((each) => new Service(each, makeCredential(each.credential, help, inside), (text) => gateway.report(text, { name: each.host, port: each.port })));
  const serviceFor = ({ name, port }: { readonly name: string; readonly port: number }) => services.find((service) => service.is(name, port));
  const hosts = new Set([...swaps.flatMap((swap) => swap.hosts), ...git.map(({ host }) => host), ...(inside ? [LOGIN_HOST] : [])]);
  const placeholders = swaps.map((swap) => ({ swap, forms: placeholderForms(swap) }));
  const forms = placeholders.flatMap((each) => each.forms);

  const refuseMisplaced = (request: PassingRequest, secret: string): void => {
    gateway.report(`the placeholder of "${secret}" was sent to ${request.name}, where it does not belong`, about(request));
    const text = `cloche refuses this request: it carries the placeholder of "${secret}" where that secret does not belong. The user says in credentials.secrets.${secret} where it does.\n`;
    request.refuse({ status: FORBIDDEN, text, why: `carries the placeholder of "${secret}"` });
  };

  const onRequest = async (request: PassingRequest): Promise<void> => {
    const here = request.secure ? swaps.filter((swap) => swap.hosts.includes(request.name)) : [];
    const misplaced = misplacedIn(request, swaps, here);
    if (misplaced) return refuseMisplaced(request, misplaced.name);
    // What the agent says to its service may hold placeholders, as it may hold whatever the agent has seen; they are worth nothing.
    const service = request.secure ? serviceFor(request) : undefined;
    if (service) return await service.request(request);
    if (inside && request.name === LOGIN_HOST) return inside.request(request);
    const host = git.find((each) => each.host === request.name && request.secure);
    if (host) {
      const why = passGit(request, host);
      if (why !== undefined) return gateway.report(`refused a request to ${host.host}: ${why}`, about(request));
    }
    if (swapIn(request, here).length > 0 || host) {
      request.headers.set("accept-encoding", readable(request.headers.get("accept-encoding")));
      request.headers.delete("range"); // a value cut by a range could not be recognised
    }
    if (!request.hasBody || forms.length === 0) return;
    const onFound = (needle: Needle): void => {
      const found = placeholders.find((each) => each.forms.includes(needle));
      if (found) refuseMisplaced(request, found.swap.name);
    };
    request.transformBody(new Watching(forms, request.headers.get("content-encoding"), onFound), { sameLength: true });
  };

  const onResponse = (response: PassingResponse): void => {
    const { name, secure } = response.request;
    if (!secure) return;
    const service = serviceFor(response.request);
    if (service) return service.response(response);
    if (inside && name === LOGIN_HOST) return inside.response(response);
    const values = swaps.filter((swap) => swap.hosts.includes(name)).map((swap) => [swap.value, swap.placeholder] as const);
    const tokens = git.filter(({ host }) => host === name).map(({ token }) => [token, "x".repeat(token.length)] as const);
    cleanResponse(response, [...values, ...tokens].flatMap(([value, placeholder]) => formsOf(value, placeholder)));
  };

  gateway.hooks.intercept.tap("credentials", (name, port) => (port === HTTPS && hosts.has(name)) || serviceFor({ name, port }) !== undefined);
  gateway.hooks.request.tapPromise("credentials", onRequest);
  gateway.hooks.response.tapPromise("credentials", async (response) => onResponse(response));
}
