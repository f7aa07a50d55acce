/** One protection taken out of the sources, and the tests that must notice. */
export interface Mutation {
  readonly file: string;
  /** Text that stands in the file once or more; the first place is changed. */
  readonly find: string;
  readonly put: string;
  /** Glob of the test files of which one must fail. */
  readonly tests: string;
}

/** The mutations of one folder, so that the lists below stay readable. */
export function within(folder: string, tests: string, changes: readonly (readonly [file: string, find: string, put: string])[]): readonly Mutation[] {
  return changes.map(([file, find, put]) => ({ file: `${folder}/${file}`, find, put, tests }));
}
