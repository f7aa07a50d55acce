import { expect } from "chai";
import docker from "../../../plugins/docker/index.ts";

describe("The docker plugin", () => {
  it("is off, and says why it cannot be enabled", () => {
    expect(docker.onByDefault).to.equal(false);
    expect(docker.unavailable).to.include("cannot run a Docker engine");
  });
});
