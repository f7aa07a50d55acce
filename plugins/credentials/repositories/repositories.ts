import type { GuestFile } from "../../../core/index.ts";
import type { GitHost } from "../gateway/options.ts";
import { readSource, type SourceReach } from "../secrets/source.ts";
import type { Repositories } from "./options.ts";

/** Reads the tokens of all hosts of repositories. Throws CREDENTIALS_SECRET_UNUSABLE. */
export async function readGitHosts(table: Repositories, reach: SourceReach): Promise<readonly GitHost[]> {
  return await Promise.all(Object.entries(table).map(async ([host, { source, user, push, fetch }]) => {
    const token = await readSource(`the token of credentials.git for ${host}`, source, reach);
    const repositories = [...push.map((path) => ({ path, push: true })), ...fetch.map((path) => ({ path, push: false }))];
    return { host, user, token, repositories };
  }));
}

/** git's configuration for the whole guest, by which remotes over SSH go over HTTPS, where the gateway can help. */
export function gitConfigFor(hosts: readonly string[]): readonly GuestFile[] {
  if (hosts.length === 0) return [];
  const sections = hosts.map((host) => `[url "https://${host}/"]\n\tinsteadOf = git@${host}:\n\tinsteadOf = ssh://git@${host}/\n`);
  return [{ path: "/etc/gitconfig", content: sections.join("") }];
}
