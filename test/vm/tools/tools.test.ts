import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { expect } from "chai";
import { startMachineInWorld, type MachineInWorld } from "../../support/world/machine-in-world.ts";

const MINUTE = 60_000;
const SERVED = "http://localhost:8000/";
const PAGE = "<title>a page</title><body style=\"margin: 0; background: #f00\"><p id=p><script>p.textContent = `hello from ${6 * 7}`</script>";

// Not among the tests that always run, because making an image with all of these takes minutes: `npm test -- tools` runs it.
describe("Every tool in a machine, used by the agent's user", function () {
  this.timeout(5 * MINUTE);
  let machine: MachineInWorld;

  before(async function () {
    this.timeout(25 * MINUTE);
    machine = await startMachineInWorld({ plugins: { claude: false }, image: { tools: ["node@24", "python", "java", "go", "rust", "chrome", "nix"] }, machine: { memory: "3GiB" } });
  });
  after(async () => await machine?.[Symbol.asyncDispose]());

  const elsewhere = async (script: string): Promise<string> => await machine.bash(`set -eu; cd "$(mktemp -d)"; ${script}`);

  it("node runs, with npm", async () => {
    expect(await elsewhere("node -p '`hello from ${6 * 7}`'; npm --version")).to.match(/^hello from 42\n\d+\.\d+\.\d+\n$/);
  });

  it("python runs, and makes environments with pip of their own", async () => {
    const script = `python -c 'import ssl, sqlite3, json; print("hello from", json.dumps(6 * 7))'
      python -m venv there; there/bin/pip --version | cut -d ' ' -f 1; there/bin/python -c 'import sys; print(sys.prefix != sys.base_prefix)'; pipx --version >/dev/null`;
    expect(await elsewhere(script)).to.equal("hello from 42\npip\nTrue\n");
  });

  it("java compiles and runs, and maven is there", async () => {
    const script = `echo 'public class Hello { public static void main(String[] args) { System.out.println("hello from " + 6 * 7); } }' >Hello.java
      javac Hello.java; java Hello; mvn --version | head -1`;
    expect(await elsewhere(script)).to.match(/^hello from 42\n.*Apache Maven \d/);
  });

  // without fmt and testing, which take minutes to compile under emulation: Debian's Go has its library as sources
  it("go compiles and runs, asking no network", async () => {
    const script = `go mod init example.test/hello 2>/dev/null; printf 'package main\\n\\nfunc main() {\\n\\tprintln("hello from", 6*7)\\n}\\n' >main.go
      gofmt -l .; go build -o hello .; ./hello 2>&1`;
    expect(await elsewhere(script)).to.equal("hello from 42\n");
  });

  it("rust compiles, runs and tests, asking no network", async () => {
    const script = `cargo init --quiet --name hello --vcs none .; cat >src/main.rs <<'END'
fn six() -> u8 {
    6
}

fn main() {
    println!("hello from {}", six() * 7);
}

#[test]
fn is_six() {
    assert_eq!(six(), 6);
}
END
      cargo run --quiet --offline; cargo test --quiet --offline 2>&1 | grep -o '1 passed'; cargo fmt --check; cargo clippy --quiet --offline -- -D warnings && echo nothing to say`;
    expect(await elsewhere(script)).to.equal("hello from 42\n1 passed\nnothing to say\n");
  });

  it("nix builds without a daemon and without a network, and keeps what it built", async () => {
    const recipe = 'derivation { name = "hello"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo hello from $((6 * 7)) >$out" ]; }';
    const script = `nix-build --no-out-link --expr '${recipe}' 2>/dev/null | tee path; cat "$(cat path)"
      nix build --impure --no-link --print-out-paths --expr '${recipe}' | cmp - path && echo the same; nix-instantiate --eval --expr '6 * 7'`;
    expect(await elsewhere(script)).to.match(/^\/nix\/store\/[a-z0-9]{32}-hello\nhello from 42\nthe same\n42\n$/);
  });

  it("chrome draws a page that is served in the guest, and calls nobody at home", async () => {
    await machine.bash(`mkdir /tmp/served; echo '${PAGE}' >/tmp/served/index.html; cd /tmp/served; python -m http.server 8000 >/dev/null 2>&1 &
      curl -sS --retry 60 --retry-connrefused --retry-delay 1 -o /dev/null ${SERVED}`);
    await machine.nothingArrivesDuring(() => machine.bash(`chrome --headless --window-size=300,200 --screenshot="$PWD/page.png" ${SERVED} 2>&1`));
    expect(pixelOf(readFileSync(join(machine.place.project, "page.png")))).to.deep.equal({ width: 300, height: 200, first: [255, 0, 0] });
  });

  it("chrome runs what pages hold, and is where test runners look for it", async () => {
    expect(await machine.bash(`"$CHROME_BIN" --headless --dump-dom ${SERVED} 2>/dev/null`)).to.include("hello from 42");
    expect(await machine.bash('echo "$PUPPETEER_EXECUTABLE_PATH"; google-chrome --version')).to.match(/^\/usr\/bin\/chromium\nChromium \d/);
  });

  it("chrome keeps its own sandbox: what reads pages has namespaces and a system call filter of its own", async () => {
    await machine.bash(`chrome --headless --remote-debugging-port=9222 ${SERVED} >/dev/null 2>&1 &
      until curl -sS http://localhost:9222/json/list 2>/dev/null | grep -q 'a page'; do sleep 1; done`);
    const look = `pid=$(pgrep -f -- --type=renderer | head -1); grep ^Seccomp: "/proc/$pid/status" | cut -f 2
      for kind in user pid net; do [ "$(readlink "/proc/$pid/ns/$kind")" != "$(readlink "/proc/1/ns/$kind")" ] && echo "$kind"; done; ps -o user= -p "$pid"; pgrep -fc -- '[-]-no-sandbox' || true`;
    expect(await machine.bash(look, "root")).to.equal("2\nuser\npid\nnet\nagent\n0\n");
    await machine.bash("pkill chromium; while pgrep chromium >/dev/null; do sleep 1; done");
  });

  it("chrome reaches what is allowed, trusting as the guest does, and nothing else", async () => {
    const arrived = await machine.arrivingDuring(async () => expect(await machine.bash("chrome --headless --dump-dom https://allowed.test/hello 2>/dev/null")).to.include("hello from outside"));
    expect(new Set(arrived.map(({ what }) => what.split("/")[0]))).to.deep.equal(new Set(["127.0.0.1:443", "allowed.test"]));
    await machine.nothingArrivesDuring(async () => expect(await machine.bash("chrome --headless --dump-dom https://denied.test/hello 2>/dev/null")).to.not.include("hello from outside"));
  });

  it("chrome is driven by its driver, as Selenium does", async () => {
    const script = `chromedriver --port=9515 >/dev/null & driver=$!
      ask() { curl -sS --retry 60 --retry-connrefused --retry-delay 1 -H 'Content-Type: application/json' "http://localhost:9515/session$@"; }
      id=$(ask '' -d '{"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": ["--headless"]}}}}' | python -c 'import json, sys; print(json.load(sys.stdin)["value"]["sessionId"])')
      ask "/$id/url" -d '{"url": "${SERVED}"}' >/dev/null; ask "/$id/title"; ask "/$id" -X DELETE >/dev/null; kill "$driver"`;
    expect(await elsewhere(script)).to.equal('{"value":"a page"}');
  });
});

/** The size of a picture in PNG, and its first pixel. */
function pixelOf(png: Buffer): { readonly width: number; readonly height: number; readonly first: readonly number[] } {
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  // the first pixel of the first line is as it is, whatever the line's filter
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20), first: [...inflateSync(Buffer.concat(data)).subarray(1, 4)] };
}
