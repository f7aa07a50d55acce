import { createServer, connect, type AddressInfo, type Server } from "node:net";
import { expect } from "chai";
import { answerGit } from "../../../../plugins/share-9p/git/answering.ts";
import type { Changes } from "../../../../plugins/share-9p/git/history.ts";

describe("The door where the guest's git asks", () => {
  let door: Server;
  let asked: string[][];
  let ended: AbortController;
  let next: Changes | Promise<Changes>;
  beforeEach(async () => {
    door = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
    asked = [];
    ended = new AbortController();
    next = { token: "9p:a:2", paths: ["one", "two\nlines", "\xff"] };
    const since = async (...question: string[]) => {
      asked.push(question);
      return await next;
    };
    answerGit(door, { word: "word", target: "/srv/p", history: { since }, signal: ended.signal });
  });
  afterEach(() => {
    ended.abort();
    door.close();
  });

  async function ask(question: string): Promise<string> {
    const socket = connect((door.address() as AddressInfo).port, "127.0.0.1");
    socket.on("error", () => {}); // closed on us, which is the answer
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.end(Buffer.from(question, "latin1"));
    await closed;
    return answer;
  }

  it("answers in the form of git's protocol, with names of any bytes", async () => {
    expect(await ask("word\n9p:a:1\n/srv/p\n")).to.equal("9p:a:2\0one\0two\nlines\0\xff\0");
    expect(await ask("word\nbuiltin:x:1\n/srv/p/in\nside \n")).to.equal("9p:a:2\0one\0two\nlines\0\xff\0");
    expect(asked).to.deep.equal([["9p:a:1", ""], ["builtin:x:1", "in\nside "]]);
    next = { token: "9p:a:3", paths: "anything" };
    expect(await ask("word\n9p:a:1\n/srv/p\n")).to.equal("9p:a:3\0/\0");
  });

  it("knows nothing of other directories, whatever way they are written", async () => {
    for (const directory of ["/srv", "/srv/pp", "/", "", "p", "/srv/other"]) expect(await ask(`word\n9p:a:1\n${directory}\n`)).to.equal("9p:elsewhere\0/\0");
    expect(asked).to.deep.equal([]);
  });

  it("says nothing to who does not know the word, or does not ask in this form", async () => {
    for (const question of ["wor\n1\n/srv/p\n", "word2\n1\n/srv/p\n", "\n1\n/srv/p\n", "word", "word\n1\n", "", "w\xffrd\n1\n/srv/p\n", "x".repeat(100_000)]) expect(await ask(question), question.slice(0, 20)).to.equal("");
    expect(asked).to.deep.equal([]);
  });

  it("says nothing rather than a part when the session ends meanwhile", async () => {
    next = new Promise(() => {});
    const answer = ask("word\n1\n/srv/p\n");
    while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    ended.abort();
    expect(await answer).to.equal("");
  });
});
