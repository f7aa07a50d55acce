import { expect } from "chai";
import { z } from "zod";
import { daemonConfiguration, mirrorRule } from "../../../plugins/docker/daemon.ts";
import { awaitEngine } from "../../../plugins/docker/engine.ts";
import docker from "../../../plugins/docker/index.ts";
import { options, type DockerOptions } from "../../../plugins/docker/options.ts";
import { ClocheError, failures, isFailure, type Guest } from "../../../core/index.ts";
import { rehearse } from "../../../testing/index.ts";

const never = new AbortController().signal;
const guestFails = failures({ GUEST_COMMAND_FAILED: () => ({ message: "it failed", hint: "look" }), GUEST_COMMAND_LATE: () => ({ message: "late", hint: "wait" }) });

function settings(given: z.input<typeof options> = {}): DockerOptions {
  return options.parse(given);
}

/** A guest in which starting the engine goes like this, and whose log of it says that. */
function guestWhere(start: () => Promise<unknown>, log: string): Guest {
  const run = async ([program]: readonly string[]) => (program === "tail" ? { stdout: log, stderr: "" } : await start());
  return { run } as unknown as Guest;
}

describe("The docker plugin", () => {
  it("is off unless somebody wants it", () => expect(docker.onByDefault).to.equal(false));

  it("names the host of a mirror for the gateway, and gives the engine the mirror without its credentials", () => {
    const mirror = "https://user:secret@mirror.example:5000/docker";
    expect(mirrorRule(mirror)).to.equal("mirror.example:5000");
    expect(mirrorRule("http://mirror.example/")).to.equal("mirror.example:80");
    expect(mirrorRule(undefined)).to.equal(undefined);
    const configuration = daemonConfiguration(settings({ mirror }));
    expect(JSON.parse(configuration)).to.deep.include({ "registry-mirrors": ["https://mirror.example:5000/docker"], "data-root": "/var/lib/docker" });
    expect(configuration).not.to.include("secret");
  });

  it("calls a mirror in plain HTTP what it is to the engine", () => {
    expect(JSON.parse(daemonConfiguration(settings({ mirror: "http://mirror.example:5000" })))).to.deep.include({ "insecure-registries": ["mirror.example:5000"] });
  });

  for (const wrong of [{ mirror: "ftp://a" }, { mirror: "mirror.example" }, { memory: "5GiB" }, { memory: "0%" }, { other: 1 }]) {
    it(`refuses ${JSON.stringify(wrong)}`, () => expect(options.safeParse(wrong).success).to.equal(false));
  }

  it("shows the end of the engine's log when it does not come up, made safe to look at", async () => {
    const guest = guestWhere(() => Promise.reject(guestFails("GUEST_COMMAND_FAILED", undefined)), "no space\u001b[2J left\n");
    const error = (await awaitEngine(guest, settings(), never).catch((reason: unknown) => reason)) as ClocheError;
    expect(error.code).to.equal("DOCKER_DOWN");
    expect(error.message).to.include("no space").and.not.include("\u001b");
  });

  it("says when it took too long", async () => {
    const guest = guestWhere(() => Promise.reject(guestFails("GUEST_COMMAND_LATE", undefined)), "");
    expect(((await awaitEngine(guest, settings(), never).catch((reason: unknown) => reason)) as ClocheError).message).to.include("more than 55 s");
  });

  for (const rootless of [false, true]) {
    const engine = rootless ? "the engine of the agent" : "the engine of root";

    it(`starts ${engine} while the guest is prepared, and waits for it before the command`, async () => {
      const { told, files, error } = await rehearse(docker, { options: { rootless } });
      const unit = rootless ? "cloche-docker-rootless.service" : "cloche-docker.service";
      const begun = told.indexOf(`/usr/lib/cloche/docker-start ${unit} /var/lib/docker ${rootless ? "agent" : "root"}`);
      const awaited = told.indexOf(`systemctl start ${unit}`);
      expect(begun, told.join("\n")).to.be.greaterThan(told.indexOf("ssh"));
      expect(awaited).to.be.greaterThan(begun).and.lessThan(told.findIndex((line) => line.startsWith("run ")));
      expect({ files, error }).to.deep.equal({ files: {}, error: undefined });
    });

    it(`ends the session when ${engine} does not come up, or goes on and says so, as docker.required has it`, async () => {
      const answers = (argv: readonly string[]) => {
        if (argv[0] === "systemctl") throw guestFails("GUEST_COMMAND_FAILED", undefined);
        return argv[0] === "tail" ? { stdout: "no space left\n" } : undefined;
      };
      const ended = await rehearse(docker, { options: { rootless }, answers });
      expect({ isDown: isFailure(ended.error, "DOCKER_DOWN"), launch: ended.launch }).to.deep.equal({ isDown: true, launch: undefined });
      const wentOn = await rehearse(docker, { options: { rootless, required: false }, answers });
      expect(wentOn).to.have.property("error", undefined);
      expect(wentOn.launch?.argv).to.deep.equal(["true"]);
      expect(wentOn.said.join("\n")).to.include("did not come up").and.include("no space left");
    });
  }
});
