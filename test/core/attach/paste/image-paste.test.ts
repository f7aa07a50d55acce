import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect } from "chai";
import { feed } from "../../../../core/attach/input.ts";
import { readClipboardImage, type ClipboardPlace } from "../../../../core/attach/paste/host-clipboard.ts";
import { ImagePaste } from "../../../../core/attach/paste/image-paste.ts";
import { imageTypeOf } from "../../../../core/attach/paste/image-type.ts";
import { PNG, XClipboard } from "../../../support/x-clipboard.ts";
import { LocalGuest } from "./local-guest.ts";

const CTRL_V = Buffer.from("\x16");

describe("an image on the host's clipboard", function () {
  this.timeout(30_000);
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "cloche-paste-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A clipboard program that offers these types, and answers with the file `content` to any; it notes each call. */
  function fake(program: string, types: readonly string[], content: Buffer): void {
    writeFileSync(join(folder, "content"), content);
    const script = `#!/bin/sh\necho "$@" >>${folder}/calls\ncase "$*" in *--list-types|*TARGETS) printf '%s\\n' ${types.join(" ")};; *) cat ${folder}/content;; esac\n`;
    writeFileSync(join(folder, program), script, { mode: 0o755 });
  }
  const wayland = (): ClipboardPlace => ({ env: { WAYLAND_DISPLAY: "wayland-1", SECRET: "x" }, platform: "linux", directories: [folder] });
  const x11 = (): ClipboardPlace => ({ env: { DISPLAY: ":1" }, platform: "linux", directories: [folder] });
  const mac = (): ClipboardPlace => ({ env: {}, platform: "darwin", directories: [folder] });

  it("is read from Wayland, X11 and macOS", async () => {
    fake("wl-paste", ["text/html", "image/jpeg", "image/png"], PNG);
    fake("xclip", ["TARGETS", "image/png"], PNG);
    const found = { type: "image/png", bytes: PNG };
    expect(await readClipboardImage(wayland())).to.deep.equal(found);
    expect(await readClipboardImage(x11())).to.deep.equal(found);
    fake("osascript", [], Buffer.from(`«data PNGf${PNG.toString("hex").toUpperCase()}»\n`));
    expect(await readClipboardImage(mac())).to.deep.equal(found);
    fake("pngpaste", [], PNG);
    expect(await readClipboardImage(mac())).to.deep.equal(found);
  });

  it("is not there when the clipboard has text, calls something an image that is none, or cannot be read", async () => {
    fake("wl-paste", ["text/plain"], Buffer.from("a password"));
    expect(await readClipboardImage(wayland())).to.equal(undefined);
    expect(readFileSync(join(folder, "calls"), "utf8")).to.equal("--list-types\n");
    fake("wl-paste", ["image/png"], Buffer.from("a password"));
    expect(await readClipboardImage(wayland())).to.equal(undefined);
    expect(await readClipboardImage(x11())).to.equal(undefined);
    expect(await readClipboardImage({ ...wayland(), env: {} })).to.equal(undefined);
  });

  it("is bounded, and its program gets no more of the environment than it needs", async () => {
    writeFileSync(join(folder, "wl-paste"), `#!/bin/sh\nenv >${folder}/env\ncase "$*" in --list*) echo image/png;; *) head -c 60000000 /dev/zero;; esac\n`, { mode: 0o755 });
    expect(await readClipboardImage(wayland())).to.equal(undefined);
    expect(readFileSync(join(folder, "env"), "utf8")).to.not.contain("SECRET");
  });

  it("is known by how it begins", () => {
    const beginnings: readonly (readonly [string | undefined, Buffer])[] = [
      ["image/png", PNG], ["image/jpeg", Buffer.from([0xff, 0xd8, 0xff, 0xe0])], ["image/gif", Buffer.from("GIF89a..")], ["image/webp", Buffer.from("RIFF0000WEBPVP8 ")],
      [undefined, Buffer.from("<svg onload=''>")], [undefined, Buffer.from("BM is text")], [undefined, Buffer.alloc(0)], [undefined, Buffer.from("GIF88a")],
    ];
    for (const [type, bytes] of beginnings) expect(imageTypeOf(bytes)).to.equal(type);
  });

  it("is read from a real X server", async () => {
    await using clipboard = await XClipboard.start();
    const place = { env: { DISPLAY: clipboard.display }, platform: "linux" } as const;
    expect(await readClipboardImage(place)).to.equal(undefined);
    clipboard.hold("image/png", PNG);
    expect(await readClipboardImage(place)).to.deep.equal({ type: "image/png", bytes: PNG });
    clipboard.hold("UTF8_STRING", Buffer.from("text"));
    expect(await readClipboardImage(place)).to.equal(undefined);
  });
});

describe("pasting an image", function () {
  this.timeout(30_000);

  it("happens at the user's own keystroke alone, before the agent gets the key", async () => {
    using guest = new LocalGuest();
    const told: string[] = [];
    let reads = 0;
    const paste = new ImagePaste({
      read: async () => (reads++, { type: "image/png", bytes: PNG }),
      open: (command) => guest.open(command),
      tell: (line) => void told.push(line),
    });
    const stdin = new PassThrough();
    const sink = new PassThrough();
    const stop = feed(stdin, sink, { endWith: "\x04", typed: (chunk) => paste.before(chunk) });
    const clipboard = () => guest.run(["/usr/local/bin/xclip", "-selection", "clipboard", "-o", "-t", "image/png"]);

    stdin.write("hello\x1b[200~\x16\x1b[201~");
    expect(String(await next(sink))).to.equal("hello\x1b[200~\x16\x1b[201~");
    expect({ reads, status: clipboard().status }).to.deep.equal({ reads: 0, status: 1 });

    stdin.write(CTRL_V);
    stdin.write("after");
    expect(String(await next(sink))).to.equal("\x16after");
    expect({ reads, found: clipboard().stdout }).to.deep.equal({ reads: 1, found: PNG });
    // asking again without the user finds nothing
    expect({ status: clipboard().status, reads }).to.deep.equal({ status: 1, reads: 1 });
    expect(told).to.deep.equal(["An image of 1 KiB was pasted from your clipboard."]);
    stop();
  });

  it("takes an image away that was delivered and not fetched when the clipboard has none any more", async () => {
    using guest = new LocalGuest();
    const images = [{ type: "image/png", bytes: PNG }, undefined];
    const paste = new ImagePaste({ read: async () => images.shift(), open: (command) => guest.open(command), tell: () => {} });
    const targets = () => guest.run(["/usr/local/bin/xclip", "-selection", "clipboard", "-o", "-t", "TARGETS"]);
    await paste.before(CTRL_V);
    expect(targets().stdout.toString()).to.equal("image/png\n");
    await paste.before(CTRL_V);
    expect(targets().status).to.equal(1);
  });

  it("passes the key on though nothing can be delivered, and says why", async () => {
    const told: string[] = [];
    const paste = new ImagePaste({ read: async () => ({ type: "image/png", bytes: PNG }), open: () => Promise.reject(new Error("the guest is gone")), tell: (line) => void told.push(line) });
    await paste.before(CTRL_V);
    expect(told).to.deep.equal(["The image on your clipboard could not be pasted: the guest is gone"]);
  });
});

async function next(sink: PassThrough): Promise<Buffer> {
  for (;;) {
    const chunk = sink.read() as Buffer | null;
    if (chunk) return chunk;
    await new Promise((resolve) => sink.once("readable", resolve));
  }
}
