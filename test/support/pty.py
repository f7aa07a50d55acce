"""Runs a command on a new pseudo-terminal. Orders come on standard input, one JSON object a line: {"type": TEXT},
{"resize": [COLUMNS, ROWS]}, {"signal": NUMBER}, {"stall": true}, after which the terminal takes nothing more until the end, or
{"hangup": true}, after which there is no terminal any more. What the terminal shows goes to standard output; the last line on standard error is a JSON object with
the exit status and whether the terminal's modes are what they were."""
import fcntl, json, os, select, signal, struct, sys, termios

def resize(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

master, slave = os.openpty()
resize(slave, 100, 30)
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    os.closerange(3, 256)
    os.execvp(sys.argv[1], sys.argv[1:])

orders, open_orders, status, stalled, gone = b"", True, None, False, False
while True:
    ready, _, _ = select.select(([] if gone or (stalled and status is None) else [master]) + ([0] if open_orders else []), [], [], 0.05)
    if master in ready:
        os.write(1, os.read(master, 65536))
    elif status is not None:
        break
    if 0 in ready:
        data = os.read(0, 65536)
        open_orders = len(data) > 0
        *lines, orders = (orders + data).split(b"\n")
        for line in lines:
            order = json.loads(line)
            if "type" in order:
                os.write(master, order["type"].encode())
            elif "signal" in order:
                os.kill(pid, order["signal"])
            elif "stall" in order:
                stalled = True
            elif "hangup" in order:
                gone = True
                os.close(slave)
                os.close(master)
            else:
                resize(master, *order["resize"])
                os.kill(pid, signal.SIGWINCH)
    if status is None:
        ended, raw = os.waitpid(pid, os.WNOHANG)
        if ended:
            status = os.waitstatus_to_exitcode(raw)
after = before if gone else termios.tcgetattr(slave)
sys.stderr.write("\n" + json.dumps({"status": status, "restored": before == after}) + "\n")
