import { failures } from "../support/errors.ts";

/** How the steps of `provision` can fail. */
export const fail = failures({
  PROVISION_RUN_FAILED: (f: { step: string; how: string; said: string }) => ({
    message: `The step "${f.step}" of "provision" ${f.how}.${f.said === "" ? "" : ` It said:\n${f.said}`}`,
    hint: 'Correct it, or take it out; "cloche config get provision" says where it stands.',
  }),
  PROVISION_COPY_REFUSED: (f: { source: string; reason: string }) => ({
    message: `"provision" cannot copy ${f.source}: ${f.reason}.`,
    hint: "Name a plain file or a folder of plain files; links are not followed, since they may lead anywhere.",
  }),
});
