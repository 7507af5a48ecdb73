"""A page is read once, and some are kept."""

from dataclasses import replace

from crawler.model import Capture
from crawler.signals.reading import html_page
from crawler.signals.reading.html_page import MAX_KEPT, parsed

HTML = ((b"Content-Type", b"text/html"),)
URL = "https://a.example/"


def page(body: bytes) -> Capture:
    return Capture("/", URL, URL, status=200, headers=HTML, body=body)


def test_a_page_is_read_once_for_each_charset():
    one = page(b"<title>\xe9</title>")
    assert parsed(one) is parsed(page(b"<title>\xe9</title>"))
    latin = replace(one, headers=((b"Content-Type", b"text/html; charset=latin1"),))
    assert (parsed(latin).title, parsed(one).title) == ("é", "\ufffd")


def test_the_oldest_pages_go_when_there_are_too_many_octets(monkeypatch):
    kept = html_page._Kept()
    monkeypatch.setattr(html_page, "_PAGES", kept)
    quarter = b" " * (MAX_KEPT // 4 - 1)
    first = parsed(page(b"0" + quarter))
    for number in b"123":
        parsed(page(bytes([number]) + quarter))
    assert parsed(page(b"0" + quarter)) is first
    parsed(page(b"4"))
    assert [key[0][:1] for key in kept] == [b"1", b"2", b"3", b"4"]
    assert kept.octets == sum(len(key[0]) for key in kept) <= MAX_KEPT
    parsed(page(b"5" * (MAX_KEPT + 1)))
    assert [key[0][:1] for key in kept] == [b"5"]
