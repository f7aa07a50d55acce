import { expect } from "chai";
import { withLed } from "../../../../plugins/egress/policy/upstream.ts";
import { RuleCollector } from "../../../../plugins/egress/service.ts";

describe("Where names are led", () => {
  const mine = { target: "a.test:443", address: "127.0.0.1", port: 8443, ca: "pem" };

  it("is what plugins say, unless the user says it; that a host speaks no TLS stays", () => {
    const egress = new RuleCollector({ allow: [] });
    egress.lead({ target: "a.test:443", plain: true, port: 80 });
    egress.lead({ target: "b.test:443", address: "10.0.0.1", port: 4000 });
    expect(withLed([mine], egress.led())).to.deep.equal([{ ...mine, plain: true }, { target: "b.test:443", address: "10.0.0.1", port: 4000 }]);
    expect(withLed([mine], [])).to.deep.equal([mine]);
  });
});
