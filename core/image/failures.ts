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
  TOOL_UNKNOWN_THERE: (f: { tool: string; there: string }) => ({
    message: `The tool ${f.tool} cannot be had here.`,
    hint: `There is: ${f.there}.`,
  }),
  RECIPE_INVALID: (f: { what: string }) => ({
    message: `The image's recipe cannot be built: ${f.what}.`,
    hint: "Correct the plugin or the setting that asks for it.",
  }),
  IMAGE_TOOL_MISSING: (f: { tool: string }) => ({
    message: `Making the image needs the program ${f.tool}, which this host does not have.`,
    hint: "Run: cloche doctor --fix",
  }),
  IMAGE_STEP_FAILED: (f: { step: string; status: string; output: string }) => ({
    message: `Making the image failed: ${f.step} ended with ${f.status}.${f.output === "" ? "" : `\n${f.output}`}`,
    hint: "The lines above are the end of its output. DEBUG=cloche:image shows all of it.",
  }),
  IMAGE_NO_SPACE: (f: { step: string; places: string }) => ({
    message: `There is no space left on the disk for the image (${f.step}).`,
    hint: `Make room in ${f.places}: about 2 GB while it is made. "cloche build --prune" removes old images.`,
  }),
  IMAGE_NO_SOURCES: (f: { suite: string; reasons: string }) => ({
    message: `No package source for the Debian release "${f.suite}" could be read.\n${f.reasons}`,
    hint: "Check the network, the name in image.suite, and set image.mirror when packages come from another place.",
  }),
  IMAGE_NO_KEYRING: (f: { places: string }) => ({
    message: `The keys that Debian signs its packages with are not on this host (looked for ${f.places}).`,
    hint: "Run: cloche doctor --fix",
  }),
  IMAGE_NO_SUBORDINATE_IDS: (f: { user: string }) => ({
    message: `The user ${f.user} has no subordinate user and group numbers, which making an image without root needs.`,
    hint: `Run: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${f.user}`,
  }),
  IMAGE_LAYER_FAILED: (f: { layer: string; reason: string }) => ({
    message: `The image's layer "${f.layer}" could not be made: ${f.reason}`,
    hint: "The plugin that adds this layer knows more: see its documentation, or disable it.",
  }),
  IMAGE_CACHE_UNUSABLE: (f: { directory: string; reason: string }) => ({
    message: `The image cache ${f.directory} cannot be used: ${f.reason}`,
    hint: "Make it writable for you, or set XDG_CACHE_HOME to another directory.",
  }),
});
