import { failures } from "../support/errors.ts";

/** How trusting what a project asks for can fail. */
export const fail = failures({
  TRUST_CODE_REFUSED: (f: { file: string; reason: string }) => ({
    message: `${f.file} cannot be trusted as a plugin: ${f.reason}.`,
    hint: "Code of a project is copied with all it imports: plain files of the project, by relative paths written out, without links.",
  }),
  TRUST_HASH_WRONG: (f: { given: string; hash: string; project: string }) => ({
    message: `What the project ${f.project} asks for now has the hash ${f.hash}, not ${f.given}.`,
    hint: 'It has changed since it was shown. Look at it with "cloche trust", then answer to what you saw.',
  }),
  TRUST_NOTHING_ASKED: (f: { project: string }) => ({
    message: `The project ${f.project} asks for nothing that you would have to decide.`,
    hint: '"cloche config" shows what is in force and where it comes from.',
  }),
  TRUST_NO_TERMINAL: (f: { hash: string }) => ({
    message: "There is no terminal to show you what you would accept.",
    hint: `Look at it with "cloche trust", then name what you saw: cloche trust accept ${f.hash}`,
  }),
  TRUST_NOT_COVERED: (f: { directory: string; project: string }) => ({
    message: `The project ${f.project} does not lie in ${f.directory}.`,
    hint: "Name a directory above this project; an answer then holds for every project below it that asks for exactly the same.",
  }),
  TRUST_NOT_KEPT: (f: { file: string; reason: string }) => ({
    message: `The answer could not be kept in ${f.file}: ${f.reason}.`,
    hint: "See that the directory is yours and that its disk has space left, then answer again.",
  }),
});
