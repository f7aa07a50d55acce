import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";

/** Preloaded into a program, writes down every module that it loads. */
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    appendFileSync(process.env["LOADED"] ?? "", `${resolved.url}\n`);
    return resolved;
  },
});
