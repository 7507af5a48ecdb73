"""WARC files and host indexes in the forms of Common Crawl, written by warcio and pyarrow."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

DAY = "2024-02-20T10:00:00Z"


def capture(url, body=b"", status="200 OK", headers=(), day=DAY, **warc_headers):
    """One response, as the arguments of `warc`."""
    return url, body, status, headers, day, warc_headers


def warc(captures) -> bytes:
    """A WARC file with a request and a response for each capture, a gzip member a record."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    writer.write_record(writer.create_warcinfo_record("robots.warc.gz", {"software": "test"}))
    for url, body, status, headers, day, more in captures:
        dated = {"WARC-Date": day}
        request = StatusAndHeaders("GET /robots.txt HTTP/1.1", [], is_http_request=True)
        writer.write_record(
            writer.create_warc_record(
                url, "request", http_headers=request, warc_headers_dict=dict(dated)
            )
        )
        answer = StatusAndHeaders(status, list(headers), protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(
                url,
                "response",
                payload=io.BytesIO(body),
                http_headers=answer,
                warc_headers_dict=dated | more,
            )
        )
    return out.getvalue()


def write(path: Path, captures) -> Path:
    path.write_bytes(warc(captures))
    return path


def host_index(folder: Path, collection: str, rows) -> Path:
    """One file of the host index; rows of host, pages, robots 2xx, 3xx, 4xx, 5xx."""
    target = folder / f"crawl={collection}" / "part-0.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    names = ("surt_host_name", "fetch_200", "robots_200", "robots_3xx", "robots_4xx", "robots_5xx")
    told = [
        dict(zip(names, (",".join(reversed(host.split("."))), *counts), strict=True))
        | {"url_host_tld": host.rpartition(".")[2], "hcrank10": 1.0}
        for host, *counts in rows
    ]
    pq.write_table(pa.Table.from_pylist(told), target)
    return target
