import { expect } from "chai";
import fc from "fast-check";
import { forHost, passedOn } from "../../../../../plugins/egress/gateway/http/headers.ts";
import { whyRefused } from "../../../../../plugins/egress/gateway/http/request-check.ts";
import { canonicalName } from "../../../../../plugins/egress/names/canonical-name.ts";

const NAME = canonicalName("allowed.test") ?? expect.fail("no name");

function why(rawHeaders: readonly string[], url = "/", port = 80, method = "GET"): string | undefined {
  return whyRefused({ method, url, rawHeaders }, NAME, port);
}

describe("A plain HTTP request", () => {
  it("passes with one Host that is the name", () => {
    for (const host of ["allowed.test", "ALLOWED.test", "allowed.test.", "allowed.test:80"]) expect(why(["host", host])).to.equal(undefined);
    expect(why(["Accept", "host", "HOST", "allowed.test"])).to.equal(undefined);
    expect(why(["Host", "allowed.test"], "*", 80, "OPTIONS")).to.equal(undefined);
  });

  it("is refused with no Host, two, or another", () => {
    expect(why([])).to.equal("it has no Host");
    expect(why(["X", "host", "Y", "allowed.test"])).to.equal("it has no Host");
    expect(why(["Host", "allowed.test", "host", "allowed.test"])).to.equal("it has more than one Host");
    for (const host of [
      "", "evil.test", "allowed.test.evil.test", "evilallowed.test", "allowed.test:81", "allowed.test:080", "allowed.test:", "allowed.test:80:80", "user@allowed.test",
      "[allowed.test]", "allowed.test/", "allowed.test evil.test", "allowed.test, evil.test", "allowed.test\0", "allowed.test%00.evil.test", "127.0.0.1", "allowed\u3002test",
    ]) {
      expect(why(["Host", host]), JSON.stringify(host)).to.equal(`its Host is ${host}`);
    }
  });

  it("is refused when its target is not a path", () => {
    for (const url of ["http://allowed.test/", "http://evil.test/", "evil.test:443", "", "*", "@evil.test/"]) {
      expect(why(["Host", "allowed.test"], url), url).to.equal("it asks for another target than a path");
    }
  });

  it("never passes with a Host that a URL reads as another name", () => {
    const host = fc.oneof(fc.constant("allowed.test"), fc.mixedCase(fc.constant("allowed.test")), fc.string(), fc.tuple(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 })).map(([a, b]) => `${a}allowed.test${b}`));
    fc.assert(fc.property(host, (text) => {
      if (why(["Host", text]) !== undefined) return;
      expect(new URL(`http://${text}/`).hostname.replace(/\.$/, "")).to.equal("allowed.test");
    }), { numRuns: 3000 });
  });
});

describe("The headers that are passed on", () => {
  it("are those that do not mean this connection alone", () => {
    const headers = ["Host", "h", "Connection", "keep-alive, X-Own", "X-Own", "1", "X-Kept", "2", "TE", "trailers", "Upgrade", "h2c", "HTTP2-Settings", "x", "Proxy-Authorization", "p"];
    expect(passedOn(headers)).to.deep.equal(["Host", "h", "X-Kept", "2"]);
  });

  it("keep what the message hangs on, though it is declared to be the connection's", () => {
    expect(passedOn(["Connection", "host, content-length", "Host", "h", "Content-Length", "5"])).to.deep.equal(["Host", "h", "Content-Length", "5"]);
  });

  it("name the host in its canonical form, first", () => {
    expect(forHost(["Accept", "*/*", "HOST", "ALLOWED.test"], "allowed.test", ["Transfer-Encoding", "chunked"])).to.deep.equal(["Host", "allowed.test", "Accept", "*/*", "Transfer-Encoding", "chunked"]);
  });
});
