// A web server over TLS outside: "/down/BYTES" answers that many bytes, anything that is sent is read to its end. Prints its port.
import { readFileSync } from "node:fs";
import { createSecureServer } from "node:http2";

const [, , cert, key] = process.argv;
const block = Buffer.alloc(1 << 18);
const server = createSecureServer({ cert: readFileSync(cert), key: readFileSync(key), allowHTTP1: true, settings: { initialWindowSize: 1 << 22 } });
server.on("session", (session) => session.once("connect", () => session.setLocalWindowSize(1 << 23)));
server.on("request", (asked, answer) => {
  let left = Number(/^\/down\/(\d+)$/.exec(asked.url)?.[1] ?? 0);
  asked.resume();
  asked.on("end", () => {
    if (left > 0 && asked.httpVersionMajor === 1) answer.setHeader("content-length", left);
    const go = () => {
      while (left > 0) {
        const piece = left < block.length ? block.subarray(0, left) : block;
        left -= piece.length;
        if (!answer.write(piece)) return void answer.once("drain", go);
      }
      answer.end(left === 0 ? "" : undefined);
    };
    go();
  });
});
server.on("sessionError", () => {});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
