import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { DesktopNotifier } from "../../../core/attach/desktop-notifier.ts";

describe("the desktop's notification that the agent waits", () => {
  let folder: string;
  let now: number;
  const clock = performance.now.bind(performance);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloche-notify-"));
    writeFileSync(join(folder, "notify-send"), `#!/bin/sh\nfor word; do echo "$word"; done >${folder}/part-$$\nmv ${folder}/part-$$ ${folder}/told-$$\n`, { mode: 0o755 });
    now = clock();
    performance.now = () => now;
  });
  afterEach(() => {
    performance.now = clock;
    rmSync(folder, { recursive: true });
  });

  const notifier = (env: Record<string, string> = { DISPLAY: ":1" }) => new DesktopNotifier({ session: "red-fox", env, program: join(folder, "notify-send") });
  const told = (): string[] => readdirSync(folder).filter((name) => name.startsWith("told-")).map((name) => readFileSync(join(folder, name), "utf8"));
  const firstTold = async () => {
    const deadline = clock() + 20_000;
    while (told().length === 0 && clock() < deadline) await new Promise((resolve) => setTimeout(resolve, 25));
    return told();
  };

  it("is ours in every word, and comes when the user has not typed for a while", async () => {
    const desktop = notifier();
    now += 11_000;
    desktop.attention();
    expect(await firstTold()).to.deep.equal(["--app-name=cloche\n--\ncloche\nThe agent waits for you in the session red-fox.\n"]);
  });

  it("does not come while the user types, more than twice a minute, or without a desktop", async () => {
    const desktop = notifier();
    now += 11_000;
    desktop.typed();
    desktop.attention();
    notifier({}).attention();
    now += 11_000;
    for (let again = 0; again < 20; again += 1) desktop.attention();
    await firstTold();
    await new Promise((resolve) => setTimeout(resolve, 300)); // for any that came with it or before it
    expect(told()).to.have.lengthOf(1);
  });
});
