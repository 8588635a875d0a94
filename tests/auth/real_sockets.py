"""Samples of the origin matrix over real sockets, in a network namespace of its own.

`python real_sockets.py N` gives the loopback device of that namespace the addresses of all callers,
asks N times from them, and prints what was answered otherwise than the table says.
"""

import asyncio
import json
import random
import socket
import subprocess
import sys
import threading
import time
from itertools import product

import uvicorn

from tests.auth.test_origin_matrix import (
    EDGE,
    HEADERS,
    KEYS,
    PEERS,
    PORT,
    REQUESTS,
    expected,
    gate,
    shows,
)

REQUIRED = 8002
PORTS = {"auto": PORT, "edge": EDGE, "required": REQUIRED}
ADDRESSES = {
    peer: at_home
    for text, at_home in PEERS
    if text is not None and not text.startswith("fe80")
    for peer in [text.removeprefix("::ffff:")]
}


def make_addresses() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in ADDRESSES:
        if address in {"127.0.0.1", "::1"}:
            continue
        bits, options = ("128", ["nodad"]) if ":" in address else ("32", [])
        add = ["ip", "address", "add", f"{address}/{bits}", "dev", "lo", *options]
        subprocess.run(add, check=True)


def listener(port: int) -> socket.socket:
    """Listen for both families at once: IPv4 callers come as IPv4-mapped addresses."""
    return socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)


def serve(mode: str, *ports: int) -> None:
    config = uvicorn.Config(
        gate(mode), proxy_headers=False, lifespan="off", log_level="critical", ws="none"
    )
    sockets = [listener(port) for port in ports]
    server = uvicorn.Server(config)
    threading.Thread(target=asyncio.run, args=(server._serve(sockets),), daemon=True).start()
    while not server.started:
        time.sleep(0.01)


def status(address: str, port: int, method: str, path: str, raw: list[tuple[bytes, bytes]]) -> int:
    head = b"%s %s HTTP/1.1\r\n" % (method.encode(), path.encode())
    head += b"".join(b"%s: %s\r\n" % pair for pair in raw) + b"Content-Length: 0\r\n\r\n"
    with socket.create_connection((address, port), 10, (address, 0)) as connection:
        connection.sendall(head)
        return int(connection.recv(4096).split()[1])


def compare(number: int) -> list[str]:
    cells = list(product(ADDRESSES, HEADERS, KEYS, REQUESTS, PORTS))
    chosen = random.Random(7).sample(cells, number)  # noqa: S311 - no secret, the same each time
    wrong = []
    for address, headers, keys, request, mode in chosen:
        method, path, _ = request
        cookies, query = shows(keys[1], path)
        raw = [(b"host", b"192.168.1.5:8000"), *headers[0], *cookies]
        raw += [(b"authorization", key) for key in keys[0]]
        found = status(address, PORTS[mode], method, f"{path}?{query}", raw)
        wanted = expected(
            at_home=ADDRESSES[address], sign=headers[1], key=keys[1], request=request, mode=mode
        )
        if found != wanted:
            wrong.append(f"{mode} {address} {headers[0]} {keys} {method} {path}: {found}")
    return wrong


if __name__ == "__main__":
    make_addresses()
    serve("auto", PORT, EDGE)
    serve("required", REQUIRED)
    print(json.dumps(compare(int(sys.argv[1]))))  # noqa: T201 - what it is run for
