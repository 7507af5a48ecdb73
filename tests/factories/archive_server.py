"""A loopback server that answers what a test tells it to, and keeps what it was asked."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class ArchiveServer:
    """`answers`: {path: list of (status, headers, body), the last one for all further requests}.

    A body that is bytes and a request with Range give a 206, unless the answer is marked `raw`.
    """

    def __init__(self, answers):
        self.answers = {path: list(told) for path, told in answers.items()}
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append((self.path, dict(self.headers)))
                told = outer.answers.get(self.path) or outer.answers.get(urlsplit(self.path).path)
                status, headers, body = (
                    (404, {}, b"<html>") if not told else told.pop(0) if len(told) > 1 else told[0]
                )
                part = self.headers.get("Range")
                if part and status == 200 and "raw" not in headers:
                    first, last = (int(n) for n in part.removeprefix("bytes=").split("-"))
                    headers = {"Content-Range": f"bytes {first}-{last}/{len(body)}"} | headers
                    status, body = 206, body[first : last + 1]
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                self.close_connection = True

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
