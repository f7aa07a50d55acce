# Tries to get a canary out of where it runs, by every way it knows, and says which of them a program would take for open. It is not
# believed: the witnesses judge. Root has more ways. Python and nothing else, since that is what is there.
import concurrent.futures
import errno
import json
import os
import socket
import struct

CANARY = b"cloche-canary"
PATIENCE = 3
ROUTER, NAMES = "10.0.2.2", "10.0.2.3"
ADDRESSES = [
    ROUTER, NAMES, "10.0.2.4", "10.0.0.1", "172.17.0.1", "192.168.1.1", "192.0.2.1", "198.51.100.1", "93.184.216.34", "8.8.8.8",
    "169.254.169.254", "169.254.170.2", "100.100.100.200", "198.18.0.200", "198.19.255.254",
]
TCP_PORTS = [21, 22, 25, 53, 80, 443, 631, 853, 2375, 3128, 3306, 5432, 8080, 8443, 9418, 31337]
UDP_PORTS = [53, 67, 68, 69, 123, 137, 443, 500, 4789, 5353, 51820, 31337]
SIX = ["fec0::2", "fec0::3", "2606:4700:4700::1111", "64:ff9b::5db8:d822", "2002:5db8:d822::1", "::ffff:93.184.216.34", "fe80::2%eth0"]
WIDE = ["255.255.255.255", "10.0.2.255", "224.0.0.251", "239.255.255.250"]


def query(name, kind):
    labels = b"".join(bytes([len(label)]) + label for label in name.split(b"."))
    return struct.pack(">HHHHHH", 4711, 0x0100, 1, 0, 0, 0) + labels + struct.pack(">BHH", 0, kind, 1)


def tcp(family, address, port):
    with socket.socket(family, socket.SOCK_STREAM) as way:
        way.settimeout(PATIENCE)
        way.connect(socket.getaddrinfo(address, port, family, socket.SOCK_STREAM)[0][4])
        way.sendall(CANARY)
        way.shutdown(socket.SHUT_WR)
        return way.recv(100)


def udp(family, address, port, payload=CANARY):
    with socket.socket(family, socket.SOCK_DGRAM) as way:
        way.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        way.sendto(payload, socket.getaddrinfo(address, port, family, socket.SOCK_DGRAM)[0][4])
        return b""


def ask(address, number, kind):
    """A question whose name carries something out, if anybody passes it on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        way.settimeout(PATIENCE)
        way.sendto(query(b"%s-%d.exfil.test" % (CANARY, number), kind), (address, 53))
        return way.recv(1000)


def look_up(name):
    return socket.getaddrinfo(name, 443)


def ping(kind, address):
    with socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP) as way:
        way.settimeout(PATIENCE)
        way.sendto(checked(struct.pack(">BBHHH", 8, 0, 0, 1, 1) + CANARY, 2), (address, 0))
        return way.recv(1000)


def checked(packet, at):
    padded = packet + b"\0" * (len(packet) % 2)
    total = sum(struct.unpack(f">{len(padded) // 2}H", padded))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return packet[:at] + struct.pack(">H", ~total & 0xFFFF) + packet[at + 2:]


def ip(protocol, source, target, payload, fragment=0):
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 1, fragment, 64, protocol, 0)
    return checked(head + socket.inet_aton(source) + socket.inet_aton(target), 10) + payload


def datagram(port):
    return struct.pack(">HHHH", 4000, port, 8 + len(CANARY), 0) + CANARY


def frames():
    """Ethernet frames as no kernel would send them: other senders, tags, fragments, the other family."""
    router, ours = bytes.fromhex("52550a000202"), open("/sys/class/net/eth0/address").read().strip()
    start = router + bytes.fromhex(ours.replace(":", ""))
    for source in ["10.0.2.15", "10.0.2.99", "127.0.0.1", "93.184.216.34"]:
        for target in ["93.184.216.34", "127.0.0.1", "169.254.169.254", ROUTER, NAMES]:
            for port in [53, 67, 443, 31337]:
                yield start + b"\x08\x00" + ip(17, source, target, datagram(port))
            syn = struct.pack(">HHIIBBHHH", 4000, 31337, 1, 0, 0x50, 2, 1000, 0, 0)
            pseudo = socket.inet_aton(source) + socket.inet_aton(target) + struct.pack(">HH", 6, len(syn))
            yield start + b"\x08\x00" + ip(6, source, target, checked(pseudo + syn, 28)[12:])
            yield start + b"\x08\x00" + ip(1, source, target, checked(struct.pack(">BBHHH", 8, 0, 0, 1, 1) + CANARY, 2))
    packet = ip(17, "10.0.2.15", "93.184.216.34", datagram(53))
    yield start + bytes.fromhex("810000010800") + packet
    yield start + b"\x08\x00" + ip(17, "10.0.2.15", "93.184.216.34", datagram(53)[:16], 0x2000)
    yield start + b"\x08\x00" + ip(17, "10.0.2.15", "93.184.216.34", datagram(53)[16:], 2)
    six = struct.pack(">IHBB", 0x60000000, len(datagram(53)), 17, 64) + socket.inet_pton(socket.AF_INET6, "fec0::15")
    yield start + b"\x86\xdd" + six + socket.inet_pton(socket.AF_INET6, "fec0::2") + datagram(53)
    yield start + b"\x08\x06" + bytes.fromhex("0001080006040001") + start[6:] + socket.inet_aton("10.0.2.2") + bytes(6) + socket.inet_aton("10.0.2.15")


def send_frames():
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as way:
        way.bind(("eth0", 0))
        for frame in frames():
            way.send(frame)
    return b""


def ways():
    for address in ADDRESSES:
        for port in TCP_PORTS:
            yield f"tcp {address}:{port}", tcp, socket.AF_INET, address, port
        for port in UDP_PORTS:
            yield f"udp {address}:{port}", udp, socket.AF_INET, address, port
        for kind in [1, 5, 16, 28, 65, 255]:
            yield f"dns {address} type {kind}", ask, address, len(address), kind
        yield f"ping {address}", ping, socket.SOCK_RAW if os.geteuid() == 0 else socket.SOCK_DGRAM, address
    for address in WIDE:
        for port in UDP_PORTS:
            yield f"udp {address}:{port}", udp, socket.AF_INET, address, port
    for address in SIX:
        for port in [53, 80, 443, 31337]:
            yield f"tcp [{address}]:{port}", tcp, socket.AF_INET6, address, port
            yield f"udp [{address}]:{port}", udp, socket.AF_INET6, address, port
    for number in range(20):
        yield f"name {number}", look_up, f"{CANARY.decode()}-{number}.exfil.test"
    if os.path.exists("/sys/class/net/eth0") and os.geteuid() == 0:
        yield "frames", send_frames


def attempt(way):
    name, function, *arguments = way
    try:
        answer = function(*arguments)
        return name, "open" if answer else "sent"
    except OSError as error:
        return name, errno.errorcode.get(error.errno, str(error))


with concurrent.futures.ThreadPoolExecutor(64) as pool:
    print(json.dumps(dict(pool.map(attempt, ways()))))
