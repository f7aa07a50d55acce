/** What the share lends to other plugins. */
export interface ProjectShare {
  /** Has files and directories of the project, by their paths in it, seem to be empty to the guest; in `build`, by a plugin that comes after. */
  mask(paths: readonly string[]): void;
  /** What is masked. */
  masked(): readonly string[];
}

declare module "../../core/services.ts" {
  interface Services {
    share: ProjectShare;
  }
}

/** Collects what plugins want masked in one session. */
export function projectShare(): ProjectShare {
  const paths = new Set<string>();
  return {
    mask(more) {
      for (const path of more) paths.add(path);
    },
    masked: () => [...paths],
  };
}
