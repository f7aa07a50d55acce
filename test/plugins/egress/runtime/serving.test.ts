import { expect } from "chai";
import { Questions } from "../../../../core/sessions/questions.ts";
import type { Total } from "../../../../plugins/egress/gateway/totals.ts";
import { LivePolicy } from "../../../../plugins/egress/runtime/live-policy.ts";
import { serveEgress, type Status } from "../../../../plugins/egress/runtime/serving.ts";
import { policyData } from "../support/policy.ts";

describe("The status of egress", () => {
  it("fits into an answer, however long the names are that the guest chose, and shows the busiest ones", async () => {
    const long = (number: number) => `${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(50)}.n${number}.test`;
    const allow = Array.from({ length: 300 }, (_, number) => long(number));
    const totals = allow.map((name, number): Total => ({ name, port: 443, allowed: 1, refused: 0, failed: 0, sent: number, received: 0 }));
    const connections = allow.map((name) => ({ name, port: 443, sent: 1, received: 1, seconds: 1 }));
    const questions = new Questions();
    const link = { ask: async () => ({ pending: [], connections, totals }) } as never;
    serveEgress({ serve: questions.serve.bind(questions) }, new LivePolicy(policyData({ allow }), async () => ({ closed: 0, addresses: {} })), { link });
    const status = (await questions.answer({ name: "egress.status", body: {} }, { say() {}, signal: new AbortController().signal })) as Status;
    expect(JSON.stringify(status).length).to.be.within(10_000, 60_000);
    expect(status.counts).to.deep.equal({ allow: 300, deny: 0, connections: 300, totals: 300 });
    expect(status.totals[0]?.name).to.equal(long(299));
  });
});
