import { expect } from "chai";
import { misplacedIn, swapIn, type Swap } from "../../../../plugins/credentials/gateway/secrets/swap.ts";
import { Fields } from "../../../../plugins/egress/gateway/http/fields.ts";

const PLACEHOLDER = "placeholder-5d3c1b7a9f";
const swap = (places: Swap["places"], name = "mine"): Swap => ({ name, placeholder: PLACEHOLDER, value: "real/value+1", hosts: ["a.test"], places });
const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
const head = (path: string, ...raw: readonly string[]) => ({ path, headers: new Fields(raw) });

describe("A secret in a request's head", () => {
  it("takes its placeholder's place in the header that it names", () => {
    const asked = head("/x", "Authorization", `Bearer ${PLACEHOLDER}`, "Accept", "*/*");
    const swaps = [swap([{ header: "authorization" }])];
    expect(misplacedIn(asked, swaps, swaps)).to.equal(undefined);
    expect(swapIn(asked, swaps)).to.deep.equal(["mine"]);
    expect(asked.headers.entries()).to.deep.equal([["authorization", "Bearer real/value+1"], ["Accept", "*/*"]]);
  });

  it("takes it in a Basic password, not in the user's name", () => {
    const swaps = [swap([{ basic: true }])];
    const asked = head("/x", "Authorization", basic(`me:${PLACEHOLDER}`));
    expect(misplacedIn(asked, swaps, swaps)).to.equal(undefined);
    swapIn(asked, swaps);
    expect(asked.headers.get("authorization")).to.equal(basic("me:real/value+1"));
    const wrong = head("/x", "Authorization", basic(`${PLACEHOLDER}:x`));
    expect(misplacedIn(wrong, swaps, swaps)?.name).to.equal("mine");
    expect(swapIn(wrong, swaps)).to.deep.equal([]);
  });

  it("takes it in the part of the query that it names, encoded", () => {
    const swaps = [swap([{ query: "key" }])];
    const asked = head(`/x?a=1&key=${PLACEHOLDER}&b=2`);
    expect(misplacedIn(asked, swaps, swaps)).to.equal(undefined);
    swapIn(asked, swaps);
    expect(asked.path).to.equal("/x?a=1&key=real%2Fvalue%2B1&b=2");
    expect(misplacedIn(head(`/x?other=${PLACEHOLDER}`), swaps, swaps)?.name).to.equal("mine");
  });

  it("is misplaced in any other header, in the path, in a header that is there twice, in base64, and at another host", () => {
    const here = [swap([{ header: "x-key" }])];
    const elsewhere: readonly Swap[] = [];
    const asked: readonly (readonly [ReturnType<typeof head>, readonly Swap[]])[] = [
      [head("/x", "X-Other", PLACEHOLDER), here],
      [head(`/${PLACEHOLDER}/x`), here],
      [head(`/${[...PLACEHOLDER].map((each) => `%${each.charCodeAt(0).toString(16)}`).join("")}`), here],
      [head("/x", "X-Key", PLACEHOLDER, "x-key", "other"), here],
      [head("/x", "X-Other", Buffer.from(`ab${PLACEHOLDER}`).toString("base64")), here],
      [head("/x", "X-Key", PLACEHOLDER), elsewhere],
      [head("/x", PLACEHOLDER, "x"), here],
    ];
    for (const [each, swaps] of asked) expect(misplacedIn(each, here, swaps)?.name, JSON.stringify([each.path, each.headers.entries()])).to.equal("mine");
    expect(misplacedIn(head("/x", "X-Key", PLACEHOLDER), here, here)).to.equal(undefined);
  });
});
