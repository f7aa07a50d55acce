import { secretInValue } from "../suspicious.ts";
import type { GitEntry } from "./parse.ts";

const SWITCH = /^(true|false|yes|no|on|off|0|1)$/i;
const WORD = /^[A-Za-z][A-Za-z0-9-]{0,30}$/;
const NUMBER = /^\d{1,6}$/;
const LINE = /^[^\p{Cc}<>]{1,200}$/u;
const MAIL = /^[^\s\p{Cc}<>@:/]{1,100}@[\w.-]{1,150}$/u;
const BRANCH = /^[\w][\w./-]{0,100}$/;
const DATE = /^[a-z][a-z-]{1,20}$/;

/** Settings of git that say who commits and how things look; none of them runs a program or names a place. */
const GOOD: Readonly<Record<string, RegExp>> = {
  "user.name": LINE, "user.email": MAIL, "author.name": LINE, "author.email": MAIL, "committer.name": LINE, "committer.email": MAIL,
  "init.defaultbranch": BRANCH,
  "pull.rebase": WORD, "pull.ff": WORD, "push.default": WORD, "push.autosetupremote": SWITCH, "push.followtags": SWITCH,
  "fetch.prune": SWITCH, "fetch.prunetags": SWITCH, "fetch.all": SWITCH,
  "merge.conflictstyle": WORD, "merge.ff": WORD, "merge.stat": SWITCH, "merge.autostash": SWITCH,
  "rebase.autosquash": SWITCH, "rebase.autostash": SWITCH, "rebase.updaterefs": SWITCH, "rebase.missingcommitscheck": WORD,
  "diff.algorithm": WORD, "diff.renames": WORD, "diff.colormoved": WORD, "diff.mnemonicprefix": SWITCH, "diff.context": NUMBER,
  "diff.noprefix": SWITCH, "diff.submodule": WORD,
  "core.autocrlf": WORD, "core.eol": WORD, "core.quotepath": SWITCH, "core.abbrev": NUMBER, "core.safecrlf": WORD,
  "color.ui": WORD, "column.ui": WORD, "branch.sort": /^-?[a-z]{1,30}$/, "branch.autosetuprebase": WORD, "branch.autosetupmerge": WORD,
  "tag.sort": /^-?[a-z:]{1,30}$/, "log.date": DATE, "log.abbrevcommit": SWITCH, "log.decorate": WORD, "log.follow": SWITCH,
  "commit.verbose": SWITCH, "commit.status": SWITCH, "commit.cleanup": WORD, "status.short": SWITCH, "status.branch": SWITCH,
  "status.showuntrackedfiles": WORD, "rerere.enabled": SWITCH, "rerere.autoupdate": SWITCH, "help.autocorrect": /^[a-z0-9]{1,10}$/,
  "advice.detachedhead": SWITCH, "advice.skippedcherrypicks": SWITCH, "submodule.recurse": SWITCH, "blame.date": DATE,
};

// An alias that is only words for git itself: no `!`, which runs a shell, nothing that a configuration given on the line could hide.
const ALIAS = /^[a-z][a-z-]{0,30}( [\w=./%:,@{}^~+-]{1,100}){0,12}$/;

/** A good setting under its full name; undefined for one that does not cross. */
export function goodSetting({ section, subsection, name, value }: GitEntry): readonly [key: string, value: string] | undefined {
  if (subsection !== undefined) return undefined;
  const isAlias = section === "alias";
  const pattern = isAlias ? ALIAS : GOOD[`${section}.${name}`];
  if (!pattern?.test(value) || secretInValue(value) !== undefined) return undefined;
  if (isAlias && /(^| )(-c|--config-env|--exec|-x|-o|--output|--upload-pack|--receive-pack)([ =]|$)/.test(value)) return undefined;
  return [`${section}.${name}`, value];
}

/** The settings as a git configuration, with signing off: its keys stay on the host. */
export function gitConfigText(settings: ReadonlyMap<string, string>): string {
  const lines = [...settings].map(([key, value]) => {
    const [section, ...name] = key.split(".");
    return `[${section}]\n\t${name.join(".")} = "${value.replace(/[\\"]/g, "\\$&")}"\n`;
  });
  return `${lines.join("")}[commit]\n\tgpgSign = false\n[tag]\n\tgpgSign = false\n[push]\n\tgpgSign = false\n`;
}
