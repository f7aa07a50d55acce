import { failures } from "../support/errors.ts";

/** How making and using an image can fail. */
export const fail = failures({
  RECIPE_FILE_TWICE: (f: { path: string }) => ({
    message: `Two plugins put different content into ${f.path} of the image.`,
    hint: "Disable one of them.",
  }),
  RECIPE_LAYER_TWICE: (f: { layer: string }) => ({
    message: `Two plugins add a layer called "${f.layer}" to the image.`,
    hint: "Disable one of them.",
  }),
});
