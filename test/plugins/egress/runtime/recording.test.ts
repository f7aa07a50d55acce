import { expect } from "chai";
import { rulesOf } from "../../../../plugins/egress/runtime/recording.ts";
import { RuleCollector } from "../../../../plugins/egress/service.ts";

describe("A record of an open session", () => {
  const total = (name: string, port: number, allowed = 1) => ({ name, port, allowed, refused: 0, failed: 0, sent: 0, received: 0 });

  it("comes to the fewest rules that would have done", () => {
    const service = new RuleCollector({ allow: ["mine.test"], record: true });
    service.allow("api.test:443", "agent");
    const data = service.seal();
    expect(data.mode).to.equal("open");
    const totals = [
      total("b.test", 443), total("b.test", 80), total("b.test", 8443), total("a.test", 443), total("only-asked.test", 0), total("refused.test", 443, 0),
      total("api.test", 443), total("api.test", 80), total("93.184.216.34", 443), total("mine.test", 443), total("others", 0),
    ];
    expect(rulesOf(totals, data)).to.deep.equal(["93.184.216.34:443", "a.test:443", "api.test:80", "b.test", "b.test:8443", "mine.test:443"]);
  });
});
