"""`optout check` as a person uses it: sockets to the demo web, files, and what it refuses."""

import asyncio
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from functools import cache

import pytest
from click.testing import CliRunner
from lxml import html as lxml_html

from crawler.checker.single_visit import visit
from crawler.cli import main
from crawler.cli.check import first_screen
from crawler.creator.advice import advise
from crawler.creator.generate import NO
from crawler.creator.mend import as_mended, mend
from crawler.creator.wording import say, speaking
from crawler.demo.server import serve_sites
from crawler.demo.web import load_sites
from crawler.judge.verdicts import judge_visit
from crawler.model import Purpose
from crawler.registry import agents
from tests.factories.demo_fetch import DemoFetch

HOSTS = ("lena-brandt-painting.example", "robots-403.example", "nachtzug-nach-riga.example",
         "inward-redirect.example", "xn--8mry2vrrdn1y.example")  # fmt: skip


@cache
def visited(host):
    return asyncio.run(visit(DemoFetch(load_sites()), host))


@pytest.fixture(scope="module")
def hosts(tmp_path_factory):
    with serve_sites(load_sites()) as server:
        file = tmp_path_factory.mktemp("hosts") / "hosts"
        file.write_text(server.hosts())
        yield file


def run(*arguments):
    return CliRunner().invoke(main, ["check", *map(str, arguments)])


def test_a_few_sites_over_real_sockets(hosts):
    done = run(*HOSTS, "--hosts", hosts, "--delay", 0, "--json")
    assert done.exit_code == 0, done.output
    found = [json.loads(line) for line in done.stdout.splitlines()]
    truth = {site.host: site.truth for site in load_sites()}
    for advice in found:
        host = truth[advice["site"]]
        assert (advice["outcome"], advice["reason"]) == (host.outcome, host.reason)
        roots = {ask["token"]: ask["root"] for o in advice["operators"] for ask in o["asks"]}
        assert roots["GPTBot"] == host.access("GPTBot")
    assert len(found) == len(HOSTS)
    assert "https://lena-brandt-painting.example/robots.txt" in done.stderr


def test_a_site_that_keeps_us_out_is_left(hosts):
    done = run("nachtzug-nach-riga.example", "--hosts", hosts, "--delay", 0)
    assert "asks our checker to stay away, so we stopped" in done.output
    asked = [line for line in done.stderr.splitlines() if line.startswith("https://")]
    assert asked
    assert all(url.endswith("/robots.txt") for url in asked)


def strings(value):
    """Every text in a JSON value, stored ids left out."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in {"outcome", "reason", "code", "severity", "stand", "purpose", "purposes",
                           "root", "value", "token", "wish", "agents_version", "name",
                           "extent", "path"}:  # fmt: skip
                yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
    elif isinstance(value, str):
        yield value


def test_text_and_page_say_all_that_is_known(hosts, tmp_path):
    page = tmp_path / "mine.html"
    site = ("https://two-voices-studio.example/shop?x=1", "--hosts", hosts, "--delay", 0,
            "--full")  # fmt: skip
    (advice,) = map(json.loads, run(*site, "--json", "--html", page).stdout.splitlines())
    text = page.read_text("utf-8")
    tree = lxml_html.fromstring(text)
    shown = " ".join(tree.find("body").text_content().split())
    written = " ".join(run(*site).stdout.split())
    del advice["screen"]  # it is told by test_the_first_screen
    advice["failing"] = json.loads(json.dumps(advice["failing"]).replace("`", ""))  # code there
    found = list(strings(advice))
    assert len(found) > 100
    assert {
        " ".join(each.split()) for each in found if " ".join(each.split()) not in shown
    } == set()
    # A terminal shows the text for the server that named itself, and no other.
    advice["pieces"] = [p for p in advice["pieces"] if p["server"] in (None, advice["server"])]
    for each in strings(advice):
        assert " ".join(each.split()) in written
    assert not tree.xpath("//script | //img | //iframe | //form | //@style | //*[@onclick]")
    assert not re.search(r"(?:src|href)=\"https?:", text)
    (policy,) = tree.xpath("//meta[@http-equiv]/@content")
    assert re.search(r"default-src 'none'; style-src 'sha256-[\w+/=]+';", policy)


def test_hostile_text_acts_nowhere(tmp_path):
    (tmp_path / "robots.txt").write_bytes(
        b"User-agent: <script>alert(1)</script>\nDisallow: /\n\nUser-agent: GPTBot\n"
        b"Disallow: /\x1b[31m\xe2\x80\xae\n"
    )
    page = tmp_path / "out.html"
    done = run(tmp_path, "--html", page)
    assert done.exit_code == 0
    text = page.read_text("utf-8")
    assert "<script" not in text
    for piece in (text, done.output):
        assert "\x1b" not in piece
        assert "\u202e" not in piece


def test_a_folder_and_a_saved_answer(tmp_path):
    (tmp_path / "index.html").write_text("<head></head>")
    done = run(tmp_path, "--url", "https://mine.example", "--full")
    assert "What your web server adds to each answer" in done.stdout
    assert done.stdout.startswith("mine.example\n")
    (tmp_path / "a.http").write_bytes(b"HTTP/1.1 200 OK\n\n<p>")
    assert run(tmp_path / "a.http").exit_code == 0


def test_wishes_and_terms():
    done = run("tests/signals/robots_access/good.http", "--url", "https://a.example/robots.txt",
               "--train", "conditional", "--ai-input", "conditional",
               "--reply-to", "mailto:a@b.example", "--full")  # fmt: skip
    assert 'training AI models: "on my terms"' in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a.example"], "say whom it can ask: --contact"),
        (["ftp://a.example"], "write a web address"),
        (["http://127.0.0.1/"], "an IP address"),
        (["localhost"], "this machine"),
        (["user@a.example"], "a user name"),
        (["http://[::1"], "not a web address"),
        (["a.example", "--contact", "\u00e9"], "plain ASCII"),
        (["a.example", "b.example", "--html", "x.html"], "name one site"),
        (["tests", "--reply-to", "nobody"], "contact 'nobody'"),
        (["README.md", "--url", "ftp://x"], "write a web address"),
        (["tests", "--html", "/nowhere/x.html"], "cannot be written"),
        (["a.example", "b.example", "--out", "x"], "name one site"),
        (["me@a.example"], "Type the site: a.example"),
        (["./robots.txt"], "There is no file or folder ./robots.txt here"),
        (["C:\\site\\index.html"], "There is no file or folder"),
        (["pyproject.toml"], "not a file that we know"),
    ],
)
def test_what_cannot_be_done_is_said(arguments, words):
    done = run(*arguments)
    assert done.exit_code == 2
    assert words in done.output


def test_a_file_that_cannot_be_read(tmp_path):
    secret = tmp_path / "loop"
    secret.symlink_to(tmp_path / "a\0b".replace("\0", "_"))
    assert run(secret).exit_code == 2


def test_neither_scrapy_nor_pandas_is_imported():
    """The latter would be by sqlite_utils; whoever wants it can import it afterwards."""
    code = ("import sys; from crawler.cli import main\n"
            "try: main(['check', 'tests/signals', '--json'])\n"
            "except SystemExit: pass\n"
            "assert not {'scrapy', 'twisted', 'pandas'} & set(sys.modules)\n"
            "import pandas")  # fmt: skip
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


# ---- the first screen -----------------------------------------------------------------------

MOST_LINES = 40


@pytest.mark.parametrize(
    ("host", "lang"),
    [(site.host, "en") for site in load_sites()]
    + [(site.host, lang) for site in load_sites()[::12] for lang in ("de", "fr")],
)
def test_the_first_screen_is_one_screen(host, lang):
    with speaking(lang):
        found = advise(visited(host))
        lines = list(first_screen(found, host))
    assert len(lines) <= MOST_LINES
    assert lines[0].startswith(f"{host}: ")
    assert len(found.screen.steps) <= 3
    assert not any(re.search(r"\{\w+\}", line) for line in lines)
    if found.screen.light == "unread":
        assert len(lines) <= 5
    if found.screen.light == "no":
        roots = {ask.token: ask.root for o in found.operators for ask in o.asks}
        assert {roots[token] for token in agents.load().panels["strict8"]} == {"disallowed"}
    assert (found.screen.light == "yes") <= (found.uses[0].stand == "yes")


@pytest.mark.parametrize("host", [site.host for site in load_sites()])
def test_whoever_takes_the_steps_has_nothing_left_to_do(host):
    """The shortest path alone: the files of the steps, and what they tell to take out."""
    seen = visited(host)
    found = advise(seen)
    if found.screen.light == "unread":
        return
    mending = mend(seen, judge_visit(seen.captures), {}, None)
    needed = {name for step in found.screen.steps for name in step.files}
    short = replace(mending, files=tuple(f for f in mending.files if f.name in needed))
    after = advise(as_mended(seen, short))
    left = {step.title for step in after.screen.steps if "switch of" not in step.title}
    # A fourth step waits for the second look; what only the author knows stays.
    fourth = {say("screen.step.tag")} if len(found.screen.steps) == 3 else set()
    assert left <= {say("screen.step.by_hand")} | fourth
    known = {fault.code for fault in found.failing}
    assert {fault.code for fault in after.failing} <= known
    # What a picture says stays against each place that is mended: one thing, many others.
    assert {(a.title, a.one) for a in after.against} <= {(a.title, a.one) for a in found.against}
    refused = mending.wish[Purpose.TRAIN] is NO
    if refused and "robots.txt" in needed and not left and not after.failing:
        assert after.screen.light == "no"


def test_files_are_written_where_they_go(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "robots.txt").write_text("User-agent: *\nDisallow: /x\n")
    done = run(tmp_path / "site", "--out", tmp_path / "out")
    assert done.exit_code == 0
    text = (tmp_path / "out" / "robots.txt").read_text()
    assert "User-agent: GPTBot\n" in text
    assert "Disallow: /x\n" in text
    assert run(tmp_path / "site", "--out", tmp_path / "out").exit_code == 2
    assert run(tmp_path / "site", "--out", "/proc/no").exit_code == 2


@pytest.mark.parametrize("top", ["", "my-site/"])
def test_a_zip_is_read_as_a_folder(tmp_path, top):
    file = tmp_path / "site.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{top}robots.txt", "User-agent: GPTBot\nDisallow: /\n")
        archive.writestr(f"{top}index.html", "<head><meta name=robots content=noai></head>")
    done = run(file, "--json")
    found = json.loads(done.stdout)
    assert {ask["token"]: ask["root"] for o in found["operators"] for ask in o["asks"]}[
        "GPTBot"] == "disallowed"  # fmt: skip
    assert found["uses"][0]["stand"] == "no"
    file.write_bytes(b"no zip")
    assert "Pack the folder" in run(file).output


def test_single_files_are_understood_by_their_names(tmp_path):
    (tmp_path / "Robots.txt").write_text("User-agent: GPTBot\nDisallow: /\n")
    done = run(tmp_path / "Robots.txt")
    assert "GPTBot (OpenAI)" in done.output
    assert "it has to be /robots.txt, in small letters" in done.output
    page = tmp_path / "work.html"
    page.write_text('<head><meta name="robots" content="noai"></head>')
    found = json.loads(run(page, "--json").stdout)
    assert found["uses"][0]["stand"] == "no"
    assert "could not be read" in run(page).output


def test_files_that_nobody_finds_are_named(tmp_path):
    (tmp_path / "Robots.txt").write_text("User-agent: GPTBot\nDisallow: /\n")
    (tmp_path / "tdmrep.json").write_text("[]")
    done = run(tmp_path)
    assert "Robots.txt is looked at by nobody" in done.output
    assert "tdmrep.json is looked at by nobody: it has to be /.well-known/tdmrep.json" in (
        " ".join(done.output.split())
    )
