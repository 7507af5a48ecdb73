"""A folder or one saved answer in the place of a site."""

import pytest

from crawler import settings
from crawler.checker.saved import folder, response
from crawler.creator.advice import advise

PAGE = b"<!doctype html><head><meta name='tdm-reservation' content='1'></head>"


@pytest.fixture
def site(tmp_path):
    root = tmp_path / "site"
    (root / ".well-known").mkdir(parents=True)
    (root / "index.html").write_bytes(PAGE)
    (root / "robots.txt").write_bytes(b"User-agent: GPTBot\nDisallow: /\n")
    return root


def by_resource(visited):
    return {capture.resource: capture for capture in visited.captures}


def test_a_folder_is_read_as_a_survey_would(site):
    found = folder(site, "a.example")
    captures = by_resource(found)
    assert captures["/"].body == PAGE
    assert captures["/"].headers == ((b"Content-Type", b"text/html"),)
    assert captures["/robots.txt"].status == 200
    assert captures["/ai.txt"].status == 404
    assert not found.headers
    told = advise(found)
    assert told.site == "a.example"
    assert told.uses[0].stand == "no"
    assert {a.token: a.root for o in told.operators for a in o.asks}["GPTBot"] == "disallowed"


def test_what_the_files_point_to_is_read_too(site):
    (site / "robots.txt").write_bytes(b"License: https://a.example/mine.xml\n")
    (site / "mine.xml").write_bytes(b"<rsl/>")
    assert by_resource(folder(site, "a.example"))["rsl:"].body == b"<rsl/>"
    (site / "robots.txt").write_bytes(b"License: https://other.example/mine.xml\n")
    assert "rsl:" not in by_resource(folder(site, "a.example"))


@pytest.mark.parametrize("name", ["../../secret.xml", "%2e%2e/%2e%2e/secret.xml", "out/secret.xml",
                                  "a%00b.xml"])  # fmt: skip
def test_no_path_leads_out_of_the_folder(site, tmp_path, name):
    (tmp_path / "secret.xml").write_bytes(b"secret")
    (site / "out").symlink_to(tmp_path)
    line = f"License: https://site.example/{name}\n"
    (site / "robots.txt").write_text(line)
    for capture in folder(site, None).captures:
        assert capture.body != b"secret"


def test_a_long_file_is_cut(site, monkeypatch):
    monkeypatch.setattr(settings, "SURVEY_MAX_BYTES", 10)
    capture = by_resource(folder(site, None))["/"]
    assert (len(capture.body), capture.truncated) == (10, True)


def test_a_saved_answer_is_one_capture(tmp_path):
    file = tmp_path / "home.http"
    file.write_bytes(b"HTTP/1.1 200 OK\r\ntdm-reservation: 1\r\nContent-Type: text/html\r\n\r\n<p>")
    told = advise(response(file, "https://site.example/"))
    assert told.site == "your site"
    assert told.uses[0].stand == "no"
    assert "unknown" in told.answer
    found = response(file, "https://b.example/robots.txt")
    assert (found.host, found.captures[0].resource) == ("b.example", "/robots.txt")
    assert response(file, "https://b.example/shop").captures[0].resource == "/"


def test_what_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        folder(tmp_path / "gone", None)
