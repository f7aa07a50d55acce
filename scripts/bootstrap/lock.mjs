import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const RETRY_MS = 200;

/** Runs `work` while no other process of this clone does; a lock whose owner is dead is taken over. */
export async function withLock(folder, say, work) {
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, "lock");
  const mine = join(folder, `lock.${process.pid}`);
  writeFileSync(mine, String(process.pid)); // linked into place whole, so that a lock never lacks its owner
  try {
    for (let told = false; !take(mine, lock); told = true) {
      if (!told) say(`waiting for process ${ownerOf(lock) ?? "?"}, which sets up the same clone`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    return await work();
  } finally {
    if (ownerOf(lock) === process.pid) rmSync(lock, { force: true });
    rmSync(mine, { force: true });
  }
}

function take(mine, lock) {
  try {
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  const owner = ownerOf(lock);
  if (owner !== undefined && !isAlive(owner)) breakLock(lock, owner);
  return false;
}

/** Moves the dead one's lock away; when another process was faster and the lock is a living one's, it is put back. */
function breakLock(lock, owner) {
  const aside = `${lock}.broken.${process.pid}`;
  try {
    renameSync(lock, aside);
    if (ownerOf(aside) !== owner) linkSync(aside, lock);
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function ownerOf(lock) {
  try {
    return Number(readFileSync(lock, "utf8")) || undefined;
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
