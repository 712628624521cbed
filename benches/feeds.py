#!/usr/bin/env python3
"""Cached feeds beside nginx serving the same bytes as a file, in one run: python3 benches/feeds.py

Needs wrk, nginx, and `cargo build --release`. A small feed of its own is polled into a fresh database once; then each of four cases is
measured in turn with `wrk -t2 -c64`, three rounds, and the medians of requests per second and their ratio are printed.
"""

import http.server
import os
import pathlib
import re
import socket
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.request

ROUNDS, SECONDS = 3, 5
PROGRAM = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target")).resolve() / "release/tidings"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Outlet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        items = "".join(
            f"<item><title>Harbour story {n}</title><link>http://{self.headers['Host']}/{n}</link><guid>{n}</guid>"
            f"<description>{'Cranes moved again at the eastern quay today. ' * 30}{n}</description></item>"
            for n in range(50)
        )
        body = f"<rss version='2.0'><channel><title>Outlet</title>{items}</channel></rss>".encode()
        status = 404 if self.path != "/feed" else 200
        self.send_response(status)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body) if status == 200 else 0))
        self.end_headers()
        if status == 200:
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def wrk(url, header=None):
    command = ["wrk", "-t2", "-c64", f"-d{SECONDS}s", *(["-H", header] if header else []), url]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])


def wait(url):
    for _ in range(200):
        try:
            answer = urllib.request.urlopen(url)
            body = answer.read()
            if b"<item>" in body or "style" in url:
                return answer.headers["ETag"], body
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"{url} has nothing")


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tidings-bench."))
    folder.chmod(0o755)
    outlet = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Outlet)
    threading.Thread(target=outlet.serve_forever, daemon=True).start()
    ours, theirs = free_port(), free_port()
    (folder / "config.toml").write_text(
        f'[web]\nlisten = "127.0.0.1:{ours}"\n[fetch]\nallow_networks = ["127.0.0.0/8"]\n[[sources]]\nid = "outlet"\n'
        f'url = "http://127.0.0.1:{outlet.server_port}/feed"\nkind = "feed"\nfull_text = false\nfirst_visit = 100\nrobots = false\n'
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 2; pid {folder}/pid; error_log stderr crit;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; open_file_cache max=100;\n"
        f"types {{ application/rss+xml rss; }} server {{ listen 127.0.0.1:{theirs}; root {folder}/www; }} }}\n"
    )
    (folder / "www").mkdir()
    daemon = subprocess.Popen([PROGRAM, "run"], cwd=folder, stderr=subprocess.DEVNULL)
    own = f"http://127.0.0.1:{ours}/feeds/all.rss"
    tag, body = wait(own)
    (folder / "www/all.rss").write_bytes(body)
    nginx = subprocess.Popen(["nginx", "-c", folder / "nginx.conf", "-p", folder], stderr=subprocess.DEVNULL)
    other = f"http://127.0.0.1:{theirs}/all.rss"
    their_tag, _ = wait(other)
    cases = {
        "whole feed": ((own, None), (other, None)),
        "304": ((own, f"If-None-Match: {tag}"), (other, f"If-None-Match: {their_tag}")),
    }
    try:
        print(f"{len(body)} bytes, wrk -t2 -c64, {ROUNDS} rounds of {SECONDS} s each, medians of requests per second")
        for name, (mine, their) in cases.items():
            rounds = [(wrk(*mine), wrk(*their)) for _ in range(ROUNDS)]
            a, b = (statistics.median(r[i] for r in rounds) for i in (0, 1))
            print(f"{name:<12} tidings {a:8.0f}   nginx {b:8.0f}   ratio {a / b:.2f}")
    finally:
        daemon.terminate()
        nginx.terminate()


if __name__ == "__main__":
    main()
