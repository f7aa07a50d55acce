import { spawn } from "node:child_process";
import { isProgram } from "../../../core/index.ts";

const PROGRAM = "/usr/bin/notify-send";
const VARIABLES = ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY"];
const EVERY_MS = 10_000;
const DEADLINE_MS = 5_000;

/** Shows a line on the user's desktop, now or never. */
export type Desktop = (line: string) => void;

/** Notifications by the system's own program, at most one in ten seconds; nothing where there is no desktop or no such program. */
export function desktopOf(hostEnv: Readonly<Record<string, string | undefined>>, program = PROGRAM): Desktop {
  const hasDesktop = (hostEnv["DISPLAY"] ?? hostEnv["WAYLAND_DISPLAY"] ?? "") !== "";
  if (!hasDesktop || !isProgram(program)) return () => {};
  const env = Object.fromEntries(VARIABLES.flatMap((name) => (hostEnv[name] ? [[name, hostEnv[name]]] : [])));
  let shownAt = -Infinity;
  return (line) => {
    const now = performance.now();
    if (now - shownAt < EVERY_MS) return;
    shownAt = now;
    const child = spawn(program, ["--app-name=cloche", "--", "cloche", withoutMarkup(line)], { cwd: "/", env, stdio: "ignore", timeout: DEADLINE_MS });
    child.on("error", () => {}); // there is no better place to say it
    child.unref();
  };
}

/** The text of a notification may hold markup. */
function withoutMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
