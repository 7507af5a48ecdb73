"""A page is read once."""

from dataclasses import replace

from crawler.model import Capture
from crawler.signals.reading.html_page import parsed

HTML = ((b"Content-Type", b"text/html"),)
URL = "https://a.example/"


def page(body: bytes) -> Capture:
    return Capture("/", URL, URL, status=200, headers=HTML, body=body)


def test_a_page_is_read_once_for_each_charset():
    one = page(b"<title>\xe9</title>")
    assert parsed(one) is parsed(page(b"<title>\xe9</title>"))
    latin = replace(one, headers=((b"Content-Type", b"text/html; charset=latin1"),))
    assert (parsed(latin).title, parsed(one).title) == ("é", "\ufffd")
