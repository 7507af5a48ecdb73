"""`optout serve --public`: behind a proxy, for everybody, attacked as the guard is."""

import asyncio
import io
import json
import zipfile

import pytest
from click.testing import CliRunner

from crawler.checker import server as page
from crawler.checker.page import files_zip
from crawler.cli import main
from crawler.creator.advice import advise
from crawler.demo.web import Answer, DemoSite
from crawler.model import Outcome, Reason
from crawler.visit.result import VisitResult
from tests.factories.demo_fetch import DemoFetch

NAME = "check.example.org"
OWN = f"https://{NAME}"


def desk(asked):
    async def visit(site, watch):
        asked.append(site.host)
        return VisitResult(site.host, (), Outcome.UNREACHABLE, Reason.DNS_NXDOMAIN)

    return page.Desk(visit, [NAME], public=True)


def post(found, site, peer="192.0.2.1", host=NAME, **headers):
    form = {"token": [found._token], "site": [site], "lang": ["de"]}
    sent = {"host": host, "origin": OWN} | headers
    return found.answer(page.Request("POST", "/check", {}, sent, form, peer))


def told(story):
    asked = []
    found = desk(asked)

    async def run():
        try:
            return await story(found)
        finally:
            await found.close()

    return asyncio.run(run()), asked


def test_only_our_name_and_our_pages_over_https_may_ask():
    async def story(found):
        return [
            (await post(found, "a.example")).status,
            (await post(found, "a.example", host="127.0.0.1:8043")).status,
            (await post(found, "a.example", origin=f"http://{NAME}")).status,
            (await post(found, "a.example", origin="https://evil.example")).status,
        ]

    assert told(story)[0] == [303, 421, 403, 403]


TRICKS = ["127.0.0.1", "http://127.1/", "0x7f.0.0.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]",
          "10.0.0.1", "192.168.1.1", "169.254.169.254", "localhost", "a.localhost", "me@a.example",
          "file:///etc/passwd", "http://[::1", "user:pass@10.0.0.1"]  # fmt: skip


@pytest.mark.parametrize("site", TRICKS)
def test_no_private_place_is_taken(site):
    async def story(found):
        return (await post(found, site)).status

    assert told(story) == (400, [])


def test_one_address_has_a_few_checks_and_others_have_theirs():
    async def story(found):
        first = [(await post(found, "a.example")).status for _ in range(page.PER_ADDRESS + 1)]
        await asyncio.gather(*found._tasks)
        return [*first, (await post(found, "a.example", peer="192.0.2.2")).status]

    assert told(story)[0] == [*[303] * page.PER_ADDRESS, 429, 303]


def test_the_last_address_that_our_proxy_names_is_the_one():
    """What stands before it anybody can write."""
    found = desk([])
    headers = {"x-forwarded-for": "10.0.0.1, 192.0.2.7"}
    asked = page.Request("GET", "/", {}, headers, {})
    assert found.address_of(asked, "127.0.0.1") == "192.0.2.7"
    assert page.Desk(None, ["me"]).address_of(asked, "127.0.0.1") == "127.0.0.1"


def test_what_is_stored_is_said_in_the_language_of_the_browser():
    async def story(found):
        headers = {"host": NAME, "accept-language": "fr-CH, en;q=0.8"}
        return (await found.answer(page.Request("GET", "/stored", {}, headers, {}))).body

    body = told(story)[0]
    assert '<html lang="fr">' in body
    assert "Rien" in body


def test_a_public_page_needs_a_contact_and_no_hosts_file(tmp_path):
    (tmp_path / "hosts").write_text("")
    for more in ([], ["--contact", "me@a.example", "--hosts", str(tmp_path / "hosts")]):
        done = CliRunner().invoke(main, ["serve", "--public", NAME, *more])
        assert (done.exit_code, "--public needs a --contact" in done.output) == (2, True)


def test_the_zip_holds_the_files_of_the_steps_where_they_go():
    from crawler.checker.single_visit import visit

    home = Answer("/", headers=(("Content-Type", "text/html"),), body=b"<!doctype html><head>")
    tdm = Answer("/.well-known/tdmrep.json", body=b'{"location": "/", "tdm-reservation": "1"}')
    seen = asyncio.run(visit(DemoFetch([DemoSite("a.example", (home, tdm))]), "a.example"))
    with zipfile.ZipFile(io.BytesIO(files_zip(advise(seen)))) as archive:
        names = archive.namelist()
        rules = json.loads(archive.read(".well-known/tdmrep.json"))
    assert names[:2] == ["robots.txt", ".well-known/tdmrep.json"]
    assert rules == [{"location": "/", "tdm-reservation": 1}]
