import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { sharedSession, type SharedSession } from "../support/shared-session.ts";

const WRITERS = `
import sqlite3, subprocess, sys
path = "wal.db"
if len(sys.argv) > 1:
    db = sqlite3.connect(path, timeout=60)
    for i in range(20):
        db.execute("insert into t values(?)", (i,)); db.commit()
    sys.exit(0)
db = sqlite3.connect(path, timeout=60)
print(db.execute("pragma journal_mode=wal").fetchone()[0])
db.execute("create table t(x)"); db.commit()
writers = [subprocess.Popen([sys.executable, "writers.py", "again"]) for _ in range(2)]
print([w.wait() for w in writers], db.execute("select count(*) from t").fetchone()[0], db.execute("pragma integrity_check").fetchone()[0])
db.close()
`;

const MAPPED = `
import mmap
with open("mapped", "wb") as f: f.write(bytes(8192))
with open("mapped", "r+b") as f:
    m = mmap.mmap(f.fileno(), 8192)
    m[5000:5006] = b"mapped"
    f.seek(4096); f.write(b"written"); f.flush()
    print(m[4096:4103], m[5000:5006])
    m.flush(); m.close()
`;

describe("Files of the project that programs map into memory", () => {
  let shared: SharedSession;
  const at = (name: string): string => join(shared.place.project, name);

  before(async function () {
    this.timeout(5 * 60_000);
    shared = await sharedSession();
  });

  it("hold what was written through the mapping and beside it, on the host too", async () => {
    writeFileSync(at("mapping.py"), MAPPED);
    expect(await shared.sh("python3 mapping.py")).to.equal("b'written' b'mapped'\n");
    const bytes = readFileSync(at("mapped"));
    expect([bytes.length, bytes.toString("latin1", 4096, 4103), bytes.toString("latin1", 5000, 5006)]).to.deep.equal([8192, "written", "mapped"]);
  });

  it("serve SQLite's write-ahead log, with several writers", async function () {
    this.timeout(120_000);
    writeFileSync(at("writers.py"), WRITERS);
    expect(await shared.sh("python3 writers.py")).to.equal("wal\n[0, 0] 40 ok\n");
    expect(readFileSync(at("wal.db")).toString("latin1", 0, 15)).to.equal("SQLite format 3");
  });

  it("are read anew when the host has changed them in place, and so are files that are held open", async () => {
    writeFileSync(at("program"), "#!/bin/sh\necho first\n", { mode: 0o755 });
    expect(await shared.sh("./program")).to.equal("first\n");
    writeFileSync(at("program"), "#!/bin/sh\necho second\n");
    expect(await shared.sh("./program")).to.equal("second\n");
    writeFileSync(at("log"), "one\n");
    const reader = shared.start(["sh", "-c", "exec 3<log; read -r a <&3; echo read $a; read -r go; read -r b <&3; echo then $b"]);
    await reader.says(/read one/);
    appendFileSync(at("log"), "two\n");
    reader.stdin.write("go\n");
    await reader.says(/then two/);
    expect((await reader.ended).status).to.equal(0);
  });
});
