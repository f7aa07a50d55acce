import type { Setting } from "./files.ts";

/** What the agent would otherwise ask at its first start: the welcome, and whether this project and its imports are trusted. */
export function state({ project, version }: Pick<Setting, "project" | "version">): Record<string, unknown> {
  return {
    hasCompletedOnboarding: true,
    lastReleaseNotesSeen: version,
    projects: {
      [project]: {
        hasTrustDialogAccepted: true,
        hasClaudeMdExternalIncludesApproved: true,
        hasClaudeMdExternalIncludesWarningShown: true,
      },
    },
  };
}

/** A change log that names the running version, since the agent fetches it from the network when its copy does not. */
export function releaseNotes(version: string): string {
  return `## ${version}\n\n- See https://code.claude.com/docs/en/changelog\n`;
}
