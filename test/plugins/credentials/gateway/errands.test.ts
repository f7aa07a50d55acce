import { expect } from "chai";
import { gitErrand } from "../../../../plugins/credentials/gateway/git/git.ts";
import { errandOf } from "../../../../plugins/credentials/gateway/service/paths.ts";

describe("The paths of the agent's service", () => {
  const errand = (method: string, path: string, allow: readonly string[] = [], base = ""): string => {
    const found = errandOf(method, path, { base, dialect: "anthropic" }, new Set(allow));
    return found.kind === "refused" ? found.feature : found.kind;
  };

  it("are those that the agent needs", () => {
    expect(errand("POST", "/v1/messages?beta=true")).to.equal("messages");
    expect(errand("POST", "/v1/messages/count_tokens")).to.equal("messages");
    for (const path of ["/v1/models", "/v1/models/claude-x-1", "/api/hello", "/api/claude_cli/bootstrap?a=b", "/api/claude_code/policy_limits", "/api/oauth/profile"]) expect(errand("GET", path), path).to.equal("call");
    for (const path of ["/api/event_logging/v2/batch", "/api/event_logging/batch", "/api/eval/sdk-abc"]) expect(errand("POST", path), path).to.equal("call");
  });

  it("are refused by name where the service would keep, fetch or run something, until the user allows that", () => {
    const named = [["POST", "/v1/files", "files"], ["GET", "/v1/files/f/content", "files"], ["POST", "/v1/messages/batches", "batches"], ["POST", "/v1/mcp/x", "mcp_servers"], ["GET", "/api/web/domain_info?domain=x", "web_fetch"], ["POST", "/api/claude_cli_feedback", "feedback"]] as const;
    for (const [method, path, feature] of named) {
      expect(errand(method, path)).to.equal(feature);
      expect(errand(method, path, [feature])).to.equal("call");
    }
  });

  it("are refused in all other cases, however they are written", () => {
    for (const path of ["/v1/skills", "/v1/code/sessions", "/v1/organizations/api_keys", "/v1/complete", "/", "/v1/messages/", "/V1/messages", "/v1//messages", "/v1/./messages", "/x/../v1/messages", "/v1/messages%2f", "/v1/messages;x", "/v1/messages/cache_touch"]) {
      expect(errand("POST", path), path).to.match(/^path:/);
    }
    expect(errand("GET", "/v1/messages")).to.equal("path:/v1/messages");
    expect(errand("POST", "/v1/skills", ["path:/v1/skills"])).to.equal("call");
  });

  it("lie below the base of a gateway for models", () => {
    expect(errand("POST", "/anthropic/v1/messages", [], "/anthropic")).to.equal("messages");
    expect(errand("POST", "/v1/messages", [], "/anthropic")).to.equal("path:/v1/messages");
  });
});

describe("git over HTTP", () => {
  const host = { host: "git.test", user: "x", token: "t", repositories: [{ path: "me/mine", push: true }, { path: "me/read", push: false }] };
  const kind = (method: string, path: string): string => gitErrand(method, path, host).kind;

  it("goes with the user's token for the repositories and ways that were named", () => {
    for (const repository of ["me/mine", "me/mine.git", "Me/Mine"]) {
      expect(kind("GET", `/${repository}/info/refs?service=git-receive-pack`)).to.equal("brokered");
      expect(kind("POST", `/${repository}/git-receive-pack`)).to.equal("brokered");
      expect(kind("GET", `/${repository}/info/refs?service=git-upload-pack`)).to.equal("brokered");
      expect(kind("POST", `/${repository}/git-upload-pack`)).to.equal("brokered");
    }
    expect(kind("POST", "/me/read/git-upload-pack")).to.equal("brokered");
  });

  it("goes as anybody's where it only reads", () => {
    for (const path of ["/other/repo/info/refs?service=git-upload-pack", "/other/repo/archive/x.tar.gz", "/"]) expect(kind("GET", path), path).to.equal("anonymous");
    expect(kind("POST", "/other/repo/git-upload-pack")).to.equal("anonymous");
  });

  it("pushes to nothing else, however it is written", () => {
    const pushes = ["/other/repo/git-receive-pack", "/me/read/git-receive-pack", "/me/mine/../other/git-receive-pack", "/me//mine/git-receive-pack", "/me%2fmine/git-receive-pack", "/me/mine.git.git/git-receive-pack", "/me/mine/x/git-receive-pack", "/git-receive-pack", "/login", "/me/mine/info/lfs/objects/batch"];
    for (const path of pushes) expect(kind("POST", path), path).to.equal("refused");
    for (const query of ["service=git-receive-pack", "service=git-upload-pack&service=git-receive-pack", "Service=git-receive-pack", "x=1&service=git-receive-pack", "%73ervice=git-receive-pack"]) {
      expect(kind("GET", `/other/repo/info/refs?${query}`), query).to.equal("refused");
    }
    expect(kind("POST", "/me/mine/info/refs?service=git-receive-pack")).to.equal("refused");
  });
});
