import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { LAST_WORDS } from "../support/scripted-api/script.ts";
import { startScriptedApi } from "../support/scripted-api/server.ts";
import { Place } from "../support/place.ts";
import { TerminalScreen } from "../support/tmux.ts";
import { PNG, XClipboard } from "../support/x-clipboard.ts";

const KEY = "sk-ant-scripted-2f6a91c07be4d358";
const MINUTE = 60_000;

describe("Claude Code on the user's terminal", () => {
  it("says its session below its input, is not frozen by Ctrl+Z, and gets the image that Ctrl+V pastes", async () => {
    await using clipboard = await XClipboard.start();
    clipboard.hold("image/png", PNG);
    using place = new Place("the project", { ANTHROPIC_API_KEY: KEY, DISPLAY: clipboard.display });
    const api = await startScriptedApi({ turns: [{ text: LAST_WORDS }], key: KEY });
    const ca = join(place.home, "ca.pem");
    writeFileSync(ca, api.caPem);
    place.configure({ egress: { upstreams: { "api.anthropic.com": { address: "127.0.0.1", port: api.port, ca } } } });
    try {
      await using terminal = await TerminalScreen.start(place, [...place.program, "--name", "red-fox"]);
      await terminal.shows(/from now on\?|bypass permissions on/, 2 * MINUTE);
      if (/from now on\?/.test(await terminal.read())) await terminal.enter("y");
      await terminal.shows("bypass permissions on", 2 * MINUTE);
      await terminal.shows("cloche red-fox · prompts off", 2 * MINUTE);

      await terminal.key("C-z");
      await terminal.keyUntil("C-v", /\[Image #\d+\]/, 2 * MINUTE);
      await terminal.enter("what is this");
      await terminal.shows(LAST_WORDS, 2 * MINUTE);
      expect(api.conversation().at(-1)?.body).to.match(/"media_type":"image\/(png|jpeg|webp)"/);
      await terminal.enter("/exit");
      expect(await terminal.status(MINUTE)).to.equal(0);
    } finally {
      await api.close();
    }
  });
});
