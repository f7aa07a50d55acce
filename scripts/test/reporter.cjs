// mocha's own listing for people, and each result as a line of JSON on descriptor 3 for scripts/test/run.ts.
const { writeSync } = require("node:fs");
const Mocha = require("mocha");

const CHANNEL = 3;

module.exports = class extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const tell = (result) => writeSync(CHANNEL, `${JSON.stringify(result)}\n`);
    runner.on("pass", (test) => tell({ kind: "passed", title: test.fullTitle(), ms: test.duration }));
    runner.on("fail", (test, error) => tell({ kind: "failed", title: test.fullTitle(), reason: error?.message ?? String(error) }));
    // a test that is skipped proves nothing
    runner.on("pending", (test) => tell({ kind: "failed", title: test.fullTitle(), reason: "it was skipped" }));
    runner.on("end", () => tell({ kind: "end" }));
  }
};
