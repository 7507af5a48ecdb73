"""The past of the demo web: a small Common Crawl of its own, written as files and served.

The forms are those of the real one: the list of collections, the host index in Parquet, WARC files
with one gzip member a record, and an index that tells where each record lies.
"""

import gzip
import json
import tomllib
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

BODIES = {
    "open": (200, b"User-agent: *\nDisallow: /private/\n"),
    "closed": (200, b"User-agent: CCBot\nDisallow: /\n"),
    "missing": (404, b"Not found"),
}
ROBOTS = "/robots.txt"


INDEX_LIST = "host-index.paths.gz"
"""The list of the files of the host index, from the server's root."""


@dataclass(frozen=True, slots=True)
class Past:
    """A past that was written: `files` by their path, `index` by collection and host."""

    folder: Path
    collections: tuple[str, ...]
    index: dict[tuple[str, str], list[dict[str, str]]]


def write(folder: Path) -> Past:
    """Write the list of collections, the host index and the WARC files into a folder."""
    told = tomllib.loads(resources.files("crawler.demo").joinpath("past.toml").read_text("utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    days = [
        {"id": c["name"], "from": f"{c['first']}T00:00:00", "to": f"{c['last']}T23:59:59"}
        for c in told["collection"]
    ]
    (folder / "collinfo.json").write_text(json.dumps(days[::-1], indent=1), "utf-8")
    index: dict[tuple[str, str], list[dict[str, str]]] = {}
    names = tuple(c["name"] for c in told["collection"])
    for name in names:
        rows = [(host["name"], host[name]) for host in told["host"] if name in host]
        _write_host_index(folder / "host-index" / f"crawl={name}" / "part-0.parquet", rows)
        _write_robots(folder, name, rows, index)
    listed = "".join(f"host-index/crawl={name}/part-0.parquet\n" for name in names)
    (folder / INDEX_LIST).write_bytes(gzip.compress(listed.encode(), mtime=0))
    return Past(folder, names, index)


def _write_host_index(path: Path, rows: list[tuple[str, dict[str, Any]]]) -> None:
    import pyarrow as pa  # noqa: PLC0415 - only here, and of the extra `history`
    import pyarrow.parquet as pq  # noqa: PLC0415

    path.parent.mkdir(parents=True, exist_ok=True)
    table = [
        {
            "surt_host_name": ",".join(reversed(host.split("."))),
            "fetch_200": row["pages"],
            "robots_200": int(row.get("robots") in ("open", "closed")),
            "robots_3xx": 0,
            "robots_4xx": int(row.get("robots") == "missing"),
            "robots_5xx": 0,
        }
        for host, row in rows
    ]
    pq.write_table(pa.Table.from_pylist(table), path)


def _write_robots(
    folder: Path,
    collection: str,
    rows: list[tuple[str, dict[str, Any]]],
    index: dict[tuple[str, str], list[dict[str, str]]],
) -> None:
    name = f"crawl-data/{collection}/segments/0/robotstxt/demo-00000.warc.gz"
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    content = b""
    for host, row in rows:
        if "robots" in row:
            status, body = BODIES[row["robots"]]
            member = _record(f"https://{host}{ROBOTS}", row["day"], status, body)
            index[collection, host] = [
                {
                    "url": f"https://{host}{ROBOTS}",
                    "timestamp": row["day"].replace("-", "") + "120000",
                    "status": str(status),
                    "filename": name,
                    "offset": str(len(content)),
                    "length": str(len(member)),
                }
            ]
            content += member
    path.write_bytes(content)
    listed = folder / "crawl-data" / collection / "robotstxt.paths.gz"
    listed.write_bytes(gzip.compress(f"{name}\n".encode()))


def _record(url: str, day: str, status: int, body: bytes) -> bytes:
    """One response as a gzip member of its own (ISO 28500, annex D)."""
    http = f"HTTP/1.1 {status} \r\nContent-Type: text/plain\r\n\r\n".encode() + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\n"
        f"WARC-Record-ID: <urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, url + day)}>\r\n"
        f"WARC-Date: {day}T12:00:00Z\r\nWARC-Target-URI: {url}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + http + b"\r\n\r\n", mtime=0)


class PastServer:
    """Serves a past on loopback while the `with` block runs: index and files, with ranges."""

    def __init__(self, past: Past) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = urlsplit(self.path)
                status, headers, body = _answer(past, asked.path, asked.query)
                part = self.headers.get("Range", "")
                if status == 200 and part.startswith("bytes="):
                    first, last = (int(n) for n in part.removeprefix("bytes=").split("-"))
                    headers = {"Content-Range": f"bytes {first}-{last}/{len(body)}"}
                    status, body = 206, body[first : last + 1]
                self.send_response(status)
                for name, value in (headers | {"Content-Length": str(len(body))}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing: the demo has its own output."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _answer(past: Past, path: str, question: str) -> tuple[int, dict[str, str], bytes]:
    collection = path.removeprefix("/").removesuffix("-index")
    if collection in past.collections and path.endswith("-index"):
        host = parse_qs(question)["url"][0].removesuffix(ROBOTS)
        rows = past.index.get((collection, host))
        if rows is None:
            message = {"message": f"No Captures found for: {host}{ROBOTS}"}
            return 404, {}, json.dumps(message).encode()
        return 200, {}, "".join(json.dumps(row) + "\n" for row in rows).encode()
    file = (past.folder / path.removeprefix("/")).resolve()
    if past.folder.resolve() in file.parents and file.is_file():
        return 200, {}, file.read_bytes()
    return 404, {}, b"<html>not here</html>"
