import { expect } from "chai";
import { withoutSecrets } from "../../../../core/support/log.ts";
import { canonicalName } from "../../../../plugins/egress/names/canonical-name.ts";
import { literalAddress } from "../../../../plugins/egress/names/destination.ts";
import { isExcepted } from "../../../../plugins/egress/proxy/exceptions.ts";
import { proxySettings, ProxyUnreadable } from "../../../../plugins/egress/proxy/settings.ts";

describe("The host's proxy variables", () => {
  it("are read as curl reads them, small letters first", () => {
    expect(proxySettings({})).to.deep.equal({ except: [] });
    expect(proxySettings({ https_proxy: "proxy.corp:3128", HTTPS_PROXY: "http://other", NO_PROXY: "a.corp, .b.corp" })).to.deep.equal({
      secure: { kind: "http", host: "proxy.corp", port: 3128 }, except: ["a.corp", ".b.corp"],
    });
    expect(proxySettings({ ALL_PROXY: "socks5h://[::1]", http_proxy: "https://p.corp" })).to.deep.equal({
      plain: { kind: "https", host: "p.corp", port: 443 }, secure: { kind: "socks5", host: "::1", port: 1080 }, except: [],
    });
  });

  it("may hold a login, which no log shows", () => {
    const { secure } = proxySettings({ HTTPS_PROXY: "http://me:s%3Acret-word@proxy.corp" });
    expect(secure?.login).to.deep.equal({ user: "me", password: "s:cret-word" });
    expect(withoutSecrets("s:cret-word")).to.equal("[hidden]");
    expect(withoutSecrets(Buffer.from("me:s:cret-word").toString("base64"))).to.include("[hidden]");
  });

  it("that cannot be understood are named without what they hold", () => {
    for (const value of ["ftp://me:secret@x", "http://", "::::"]) {
      expect(() => proxySettings({ HTTPS_PROXY: value }), value).to.throw(ProxyUnreadable).that.satisfies((error: ProxyUnreadable) => error.variable === "HTTPS_PROXY" && !error.message.includes("secret"));
    }
  });
});

describe("NO_PROXY", () => {
  const destination = (text: string) => canonicalName(text) ?? literalAddress(text) ?? expect.fail(text);

  it("names hosts with all below them, ports, addresses and ranges", () => {
    for (const [text, port, exceptions] of [
      ["a.corp", 443, ["a.corp"]], ["x.a.corp", 443, ["a.corp"]], ["x.a.corp", 443, [".a.corp"]], ["x.a.corp", 443, ["*.a.corp"]], ["a.corp", 8443, ["a.corp:8443"]],
      ["any.test", 1, ["*"]], ["10.1.2.3", 80, ["10.0.0.0/8"]], ["10.1.2.3", 80, ["10.1.2.3"]], ["a.corp", 443, ["A.CORP"]], ["10.1.2.3", 80, ["0.0.0.0/0"]],
    ] as const) expect(isExcepted(destination(text), port, exceptions), `${text} ${exceptions[0]}`).to.equal(true);
    for (const [text, port, exceptions] of [
      ["evila.corp", 443, ["a.corp"]], ["a.corp.evil", 443, ["a.corp"]], ["a.corp", 443, ["a.corp:8443"]], ["11.1.2.3", 80, ["10.0.0.0/8"]], ["10.1.2.3", 80, ["10.0.0.0/33", "10.0.0.0/x", "/8"]],
      ["a.corp", 443, []], ["a.1.2.3.4.corp", 443, ["1.2.3.4"]],
    ] as const) expect(isExcepted(destination(text), port, exceptions), `${text} ${exceptions[0] ?? ""}`).to.equal(false);
  });
});
