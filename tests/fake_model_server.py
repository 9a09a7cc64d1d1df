#!/usr/bin/env python3
"""A web server that misbehaves on request, for the tests of `models pull`.

    fake_model_server.py FOLDER

serves FOLDER's files on a free port of 127.0.0.1, prints the port on one line and ends when its standard input ends.
A request is /OPTIONS/NAME, OPTIONS being words with commas between them ("plain" for none):

    break=N       the connection breaks after N bytes of the body, each time
    norange       ranges are ignored: the whole file comes with 200
    noetag        no ETag and no Last-Modified
    newetag       another ETag with each request, as if the file had changed
    damaged       the last byte is another one
    short, long   half of the file, or the file and ten bytes more, as if that were all of it
    nolength      no Content-Length: the body ends with the connection
    stall=N       the first time, after N bytes nothing more comes
    slow          4 kB every 20 ms
    status=CODE   that answer and nothing else
    fail=N        503 for the first N requests of this path
    redirect=N    N redirects, then the file
    to=URL        a redirect to URL (percent-encoded)

GET /log answers one line per request so far: path, Range and If-Range ("-" for none), status.
"""

import http.server
import os
import sys
import threading
import time
import urllib.parse

STALL_SECONDS = 30


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder = "."
    log = []
    counts = {}
    lock = threading.Lock()

    def log_message(self, *_):
        pass

    def note(self, status):
        with self.lock:
            wanted = self.headers.get("Range", "-")
            condition = self.headers.get("If-Range", "-")
            self.log.append(f"{self.path} {wanted} {condition} {status}")

    def answer(self, status, headers=(), body=b""):
        self.note(status)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):  # noqa: N802
        try:
            self.serve()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def serve(self):
        if self.path == "/log":
            with self.lock:
                text = "\n".join(self.log).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
            return
        parts = self.path.strip("/").split("/", 1)
        if len(parts) != 2:
            self.answer(404)
            return
        options = dict((word.split("=", 1) + [""])[:2] for word in parts[0].split(","))
        name = parts[1]
        with self.lock:
            count = self.counts[self.path] = self.counts.get(self.path, 0) + 1

        if "status" in options:
            self.answer(int(options["status"]), body=b"<html>no</html>")
        elif "to" in options:
            self.answer(302, [("Location", urllib.parse.unquote(options["to"]))])
        elif int(options.get("redirect") or 0) > 0:
            left = int(options["redirect"]) - 1
            self.answer(302, [("Location", f"/redirect={left}/{name}")], b"moved" * 1000)
        elif count <= int(options.get("fail") or 0):
            self.answer(503)
        else:
            self.send_file(options, name, count)

    def send_file(self, options, name, count):
        path = os.path.join(self.folder, os.path.basename(name))
        if not os.path.isfile(path):
            self.answer(404)
            return
        with open(path, "rb") as file:
            data = file.read()
        if "damaged" in options:
            data = data[:-1] + bytes([data[-1] ^ 1])
        if "short" in options:
            data = data[: len(data) // 2]
        if "long" in options:
            data += b"0123456789"
        etag = f'"{len(data)}-{count}"' if "newetag" in options else f'"{len(data)}"'

        start = 0
        wanted = self.headers.get("Range", "")
        condition = self.headers.get("If-Range", "")
        if wanted.startswith("bytes=") and "norange" not in options and condition in ("", etag):
            start = int(wanted[6:].split("-")[0])
            if start >= len(data):
                self.answer(416, [("Content-Range", f"bytes */{len(data)}")])
                return
        status = 206 if start > 0 else 200
        self.note(status)
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        if "noetag" not in options:
            self.send_header("ETag", etag)
        if "nolength" in options:
            self.send_header("Connection", "close")
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.send_body(options, data[start:], count)

    def send_body(self, options, body, count):
        if "break" in options:
            self.wfile.write(body[: int(options["break"])])
            self.close_connection = True
        elif "stall" in options and count == 1:
            self.wfile.write(body[: int(options["stall"])])
            self.wfile.flush()
            time.sleep(STALL_SECONDS)
            self.close_connection = True
        elif "slow" in options:
            for at in range(0, len(body), 4096):
                self.wfile.write(body[at : at + 4096])
                self.wfile.flush()
                time.sleep(0.02)
        else:
            self.wfile.write(body)


def main():
    Handler.folder = sys.argv[1]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
