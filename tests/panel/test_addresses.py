"""Cells with addresses: each is read, opened or refused, and none is lost."""

import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.hosts import HostError
from crawler.panel.addresses import host_of, split
from crawler.registry import stand_ins


@pytest.mark.parametrize(
    ("address", "host", "path"),
    [
        ("a.example", "a.example", ""),
        (" HTTPS://A.example./ ", "a.example", ""),
        ("http://a.example:8080//me//x", "a.example:8080", "me"),
        ("a.example/x?u=http://b.example", "a.example", "x"),
        ("a.example?u=http://b.example/", "a.example", "u=http:"),
        ("https://münchen.example/#x", "xn--mnchen-3ya.example", "x"),
        ("https://archive.org/", "archive.org", ""),
        ("bit.ly", "bit.ly", ""),
        ("https://www.google.com/maps?q=x", "www.google.com", "maps"),
    ],
)
def test_an_address_leads_to_its_host(address, host, path):
    assert host_of(address) == (host, path)


@pytest.mark.parametrize(
    "address",
    [
        "https://web.archive.org/web/20150101000000/{}",
        "http://web.archive.org/web/2015/{}",
        "web.archive.org/web/20150101000000id_/{}",
        "https://web.archive.org/web/*/{}",
        "https://web.archive.org/web/{}",
        "https://archive.org/wayback/20150101/{}",
        "https://archive.ph/newest/{}",
        "https://archive.today/20150101/{}",
        "https://archive.is/o/aBcDe/{}",
        "https://arquivo.pt/wayback/20150101000000/{}",
        "https://webarchive.nationalarchives.gov.uk/ukgwa/20150101000000/{}",
        "https://wayback.nowhere.example/all/20150101000000mp_/{}",
        "https://web.archive.org/web/2015/https://archive.ph/2014/{}",
        "https://www.webcitation.org/5abc?url={q}",
        "https://webcache.googleusercontent.com/search?q=cache:{}",
        "https://webcache.googleusercontent.com/search?q=cache:Ab-cdEf_hIjK:{}+&cd=1",
        "https://www.google.com/url?sa=t&url={q}&usg=x",
        "https://l.facebook.com/l.php?u={q}&h=x",
        "https://translate.google.com/translate?sl=de&u={q}",
        "https://web.archive.org/web/2015/{q}",
    ],
)
@pytest.mark.parametrize("site", ["http://site.example/me/", "https://site.example/me/"])
def test_an_address_that_stands_for_another_is_opened(address, site):
    whole = address.format(site, q=quote(site, safe=""))
    assert host_of(whole) == ("site.example", "me")
    assert split(whole) == ([whole], [])


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("https://archive.ph/aBcDe", "archived"),
        ("https://web.archive.org/", "archived"),
        ("https://web.archive.org/save", "archived"),
        ("https://archive.org/details/me", "archived"),
        ("https://perma.cc/AB12-CD34", "archived"),
        ("https://www.webcitation.org/5abc", "archived"),
        ("https://site-example.translate.goog/me", "archived"),
        ("https://bit.ly/3xYz", "a short link"),
        ("http://WWW.TinyURL.com:80/abc", "a short link"),
        ("https://t.co/abc?x=1", "a short link"),
        ("https://www.google.com/url?x=1", "sends visitors on"),
        ("http://www.wikidata.org/.well-known/genid/5d41402abc", "unknown value"),
        ("_:b0", "unknown value"),
        ("http://www.wikidata.org/entity/Q42", "Wikidata item"),
        ("https://web.archive.org/web/2015/http://com.au/", "public suffix"),
        ("https://web.archive.org/web/2015/http://bit.ly/x", "a short link"),
        ("https://web.archive.org/web/2015/" * 9 + "http://a.example", "again and again"),
        ("co.uk", "public suffix"),
        ("", "no host name"),
        ("mailto:x@a.example", "user name"),
        ("javascript://a.example", "not a web address"),
        ("https://u@a.example/", "user name"),
        ("//x", "no host name"),
    ],
)
def test_no_host_is_made_up(address, reason):
    with pytest.raises(HostError, match=reason):
        host_of(address)


@pytest.mark.parametrize(
    ("cell", "addresses", "words"),
    [
        ("a.example", ["a.example"], []),
        ("nowhere", ["nowhere"], []),
        ("in Paris", ["in Paris"], []),
        ("https://a.example/x,y;z", ["https://a.example/x,y;z"], []),
        ("a.example b.example", ["a.example", "b.example"], []),
        ("a.example,b.example/", ["a.example", "b.example/"], []),
        ("a.example, Paris", ["a.example"], ["Paris"]),
        ("a.example/me,Paris", ["a.example/me,Paris"], []),
        ("https://a.example/my file.html", ["https://a.example/my"], ["file.html"]),
        ("Web: www.b.test; x", ["www.b.test"], ["Web:", "x"]),
        ("https://a.example\nhttps://b.example", ["https://a.example", "https://b.example"], []),
        ("http://a.examplehttp://b.example", ["http://a.example", "http://b.example"], []),
        ("http://a.example/?u=http://b.example", ["http://a.example/?u=http://b.example"], []),
        (" | a.example | ", ["a.example"], []),
    ],
)
def test_a_cell_is_parted_into_addresses_and_words(cell, addresses, words):
    assert split(cell) == (addresses, words)


@given(
    st.lists(
        st.sampled_from(["https://a.example/", "b.test/x", "www.c.org", "d", "(e)"]), max_size=5
    ),
    st.sampled_from([" ", "|", ";", ",", " ; ", "\n"]),
)
def test_no_word_of_a_cell_is_lost(parts, gap):
    addresses, words = split(gap.join(parts))
    kept = re.split(r"[\s|;,]+", " ".join((*addresses, *words)).strip())
    assert sorted(kept) == sorted(parts or [""])


def test_every_entry_that_stands_for_others_is_a_host_and_has_one_kind():
    for entry in stand_ins._entries():
        assert re.fullmatch(r"[a-z0-9.-]+(/[a-z0-9.]+)?", entry), entry
        assert stand_ins.reason(*(f"{entry}/x" if "/" not in entry else entry).split("/", 1))
