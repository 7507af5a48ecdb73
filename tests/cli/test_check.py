"""`optout check` as a person uses it: sockets to the demo web, files, and what it refuses."""

import json
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner
from lxml import html as lxml_html

from crawler.cli import main
from crawler.demo.server import serve_sites
from crawler.demo.web import load_sites

HOSTS = ("lena-brandt-painting.example", "robots-403.example", "nachtzug-nach-riga.example",
         "inward-redirect.example", "xn--8mry2vrrdn1y.example")  # fmt: skip


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
                           "root", "value", "token", "wish", "agents_version", "name"}:  # fmt: skip
                yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
    elif isinstance(value, str):
        yield value


def test_text_and_page_say_all_that_is_known(hosts, tmp_path):
    page = tmp_path / "mine.html"
    site = ("https://two-voices-studio.example/shop?x=1", "--hosts", hosts, "--delay", 0)
    (advice,) = map(json.loads, run(*site, "--json", "--html", page).stdout.splitlines())
    text = page.read_text("utf-8")
    tree = lxml_html.fromstring(text)
    shown = " ".join(tree.find("body").text_content().split())
    written = " ".join(run(*site).stdout.split())
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
    done = run(tmp_path, "--url", "https://mine.example")
    assert "What your web server adds to each answer" in done.stdout
    assert done.stdout.startswith("mine.example\n")
    (tmp_path / "a.http").write_bytes(b"HTTP/1.1 200 OK\n\n<p>")
    assert run(tmp_path / "a.http").exit_code == 0


def test_wishes_and_terms():
    done = run("tests/signals/robots_access/good.http", "--url", "https://a.example/robots.txt",
               "--train", "conditional", "--ai-input", "conditional",
               "--reply-to", "mailto:a@b.example")  # fmt: skip
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
