"""Raw responses as files hold them, in all the shapes that servers and editors give them."""

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model import Failure
from crawler.parsers import http
from crawler.parsers.http import charset, header_values, media_type, parse_response

URL = "https://site.example/a?b"


def test_a_response_is_read_with_its_parts():
    data = b"HTTP/1.1 200 Fine, thanks\r\nA: 1\r\nb:2\r\nA:  3 \r\n\r\nbody\r\n"
    capture = parse_response(data, URL)
    assert (capture.resource, capture.url, capture.final_url) == ("/a", URL, URL)
    assert (capture.http_version, capture.status) == ("1.1", 200)
    assert capture.reason_phrase == "Fine, thanks"
    assert capture.headers == ((b"A", b"1"), (b"b", b"2"), (b"A", b"3"))
    assert (capture.body, capture.size, capture.failure) == (b"body\r\n", 6, None)


@pytest.mark.parametrize(
    ("url", "resource", "expected"),
    [
        ("https://site.example", None, "/"),
        ("https://site.example/x/y", None, "/x/y"),
        ("http://[", None, "/"),
        (URL, "/asked", "/asked"),
    ],
)
def test_the_resource_is_the_path_unless_named(url: str, resource: str | None, expected: str):
    assert parse_response(b"HTTP/1.1 200 OK\n\n", url, resource).resource == expected


@pytest.mark.parametrize(
    ("data", "status", "body"),
    [
        (b"HTTP/1.1 200 OK\n\nx", 200, b"x"),
        (b"HTTP/2 404\r\n\r\n", 404, b""),
        (b"HTTP/1.0 200 \n\n\n", 200, b"\n"),
        (b"HTTP/1.1 999 Denied", 999, b""),
        (
            b"HTTP/1.1 100 Continue\n\nHTTP/1.1 103 Early Hints\nA: b\n\nHTTP/1.1 200 OK\n\nx",
            200,
            b"x",
        ),
    ],
)
def test_line_ends_and_interim_answers(data: bytes, status: int, body: bytes):
    capture = parse_response(data, URL)
    assert (capture.status, capture.body) == (status, body)


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"<html>", b"HTTP/1.1 200: OK\n\n", b"HTTP/1.1 100 x\n\n"]
)
def test_what_is_no_response_fails_as_not_http(data: bytes):
    capture = parse_response(data, URL)
    assert (capture.failure, capture.status, capture.body) == (Failure.NOT_HTTP, None, data)


def test_odd_header_lines():
    data = b"HTTP/1.1 200 OK\n lost\nA: 1,\n\t2\nno colon\nB:\x00\xff\n\n"
    assert parse_response(data, URL).headers == ((b"A", b"1, 2"), (b"B", b"\x00\xff"))


def test_header_values_in_order_whatever_the_case():
    headers = ((b"X-Robots-Tag", b" noai "), (b"x-robots-tag ", b"caf\xe9"), (b"other", b"1"))
    assert header_values(headers, "X-ROBOTS-Tag") == ["noai", "café"]


@pytest.mark.parametrize(
    ("value", "kind", "label"),
    [
        (b"Text/HTML; Charset = 'UTF-8'", "text/html", "UTF-8"),
        (b"text/html", "text/html", None),
        (b"; charset=x", "", "x"),
    ],
)
def test_content_type(value: bytes, kind: str, label: str | None):
    headers = ((b"content-type", b"image/png"), (b"Content-Type", value))
    assert (media_type(headers), charset(headers)) == (kind, label)


def test_content_type_missing():
    assert (media_type(()), charset(())) == ("", None)


@pytest.mark.parametrize(
    ("coding", "sent", "body", "truncated", "error"),
    [
        (b"gzip", gzip.compress(b"hello", mtime=0), b"hello", False, False),
        (b"deflate", zlib.compress(b"hello"), b"hello", False, False),
        (b"identity", b"hello", b"hello", False, False),
        (b"gzip", b"hello", b"hello", False, True),
        (b"br", b"hello", b"hello", False, True),
        (b"gzip", gzip.compress(b"hello", mtime=0)[:-9], b"hello", True, False),
    ],
)
def test_one_layer_of_coding(coding, sent, body, truncated, error):
    data = b"HTTP/1.1 200 OK\nContent-Encoding: " + coding + b"\n\n" + sent
    capture = parse_response(data, URL)
    assert (capture.body, capture.truncated, capture.coding_error) == (body, truncated, error)
    assert capture.size == len(sent)


def test_a_bomb_is_cut(monkeypatch):
    monkeypatch.setattr(http, "MAX_BODY", 1000)
    data = b"HTTP/1.1 200 OK\nContent-Encoding: gzip\n\n" + gzip.compress(b"x" * 100_000, mtime=0)
    capture = parse_response(data, URL)
    assert (len(capture.body), capture.truncated) == (1000, True)


@settings(max_examples=200)
@given(st.binary(max_size=80), st.text(max_size=20))
def test_no_bytes_make_it_raise(data: bytes, url: str):
    parse_response(data, url)
    capture = parse_response(b"HTTP/1.1 200 OK\n" + data, url)
    media_type(capture.headers)
    charset(capture.headers)
