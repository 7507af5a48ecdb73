"""`optout inspect` of an address: one answer, asked for politely and shown safely."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawler.cli import main

ANSWERS = {
    "/robots.txt": b"HTTP/1.1 200 OK\r\n\r\n"
    b"User-agent: *\nDisallow: /shut/\nContent-Signal: ai-train=no\n",
    "/": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    b"X-Robots-Tag: noai \x1b[31m, noai\r\n\r\n<html>",
    "/inside": b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n",
    "/away": b"HTTP/1.1 301 Moved\r\nLocation: http://other.example/\r\n\r\n",
    "/ring": b"HTTP/1.1 302 Found\r\nLocation: /ring\r\n\r\n",
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, list[str]]]:
    """A site on loopback; yields its hosts file and the requests that it heard."""
    heard: list[str] = []
    loop = asyncio.new_event_loop()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        heard.append(request)
        path = request.split()[1]
        if "Host: broken.example" in request:
            writer.write(b"HTTP/1.1 503 Busy\r\n\r\n")
        else:
            writer.write(ANSWERS.get(path, b"HTTP/1.1 404 Not Found\r\n\r\n"))
        writer.close()

    server = loop.run_until_complete(asyncio.start_server(answer, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = server.sockets[0].getsockname()[1]
    hosts = tmp_path / "hosts"
    hosts.write_text(
        f"127.0.0.1:{port} there.example other.example broken.example\n127.0.0.1:1 off.example\n"
    )
    yield hosts, heard
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    server.close()
    loop.close()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["inspect", *map(str, arguments)])


def test_one_page_is_asked_for_after_robots_txt_and_says_who_asks(site):
    hosts, heard = site
    result = run("http://there.example/", "--hosts", hosts, "--contact", "https://who.example")
    assert result.exit_code == 0
    assert [request.split()[1] for request in heard] == ["/robots.txt", "/"]
    assert all("(+https://who.example)" in request for request in heard)
    assert "x_robots_tag: present" in result.output
    assert "\x1b" not in result.output


def test_the_answer_as_json_carries_address_and_resource(site):
    hosts, _ = site
    found = json.loads(run("http://there.example/deep", "--hosts", hosts, "--json").output)
    assert (found["url"], found["resource"]) == ("http://there.example/deep", "/")
    assert (found["status"], found["failure"]) == (404, None)


def test_robots_txt_itself_is_asked_for_once(site):
    hosts, heard = site
    found = json.loads(run("http://there.example/robots.txt", "--hosts", hosts, "--json").output)
    assert len(heard) == 1
    assert found["access"]["GPTBot"]["root"] == "allowed"
    (signal,) = [f for f in found["findings"] if f["signal"] == "robots_content_signal"]
    assert signal["outcome"] == "present"


def test_what_robots_txt_shuts_is_not_asked_for(site):
    hosts, heard = site
    result = run("http://there.example/shut/page", "--hosts", hosts)
    assert result.exit_code == 1
    assert "does not let OptOutObservatory fetch http://there.example/shut/page" in result.output
    assert len(heard) == 1


def test_a_robots_txt_that_cannot_be_read_shuts_everything(site):
    hosts, heard = site
    result = run("http://broken.example/", "--hosts", hosts)
    assert result.exit_code == 1
    assert "(status 503) does not let" in result.output
    assert len(heard) == 1


def test_a_redirect_inside_the_site_is_followed_and_one_to_another_is_named(site):
    hosts, heard = site
    inside = json.loads(run("http://there.example/inside", "--hosts", hosts, "--json").output)
    assert inside["status"] == 200
    heard.clear()
    result = run("http://there.example/away", "--hosts", hosts)
    assert "redirects to http://other.example/" in result.output
    assert "inspect that address" in result.output
    assert "\x1b" not in result.output
    assert not any("Host: other.example" in request for request in heard)


def test_a_failure_is_told_and_nothing_is_concluded(site):
    hosts, _ = site
    result = run("http://off.example/", "--hosts", hosts)
    assert result.exit_code == 0
    assert "http://off.example/: connect_refused" in result.output
    assert "tdmrep_header: unmeasured" in result.output
    assert "present" not in result.output
    ring = run("http://there.example/ring", "--hosts", hosts)
    assert "redirect_loop" in ring.output


def test_a_private_address_is_never_asked():
    result = run("http://127.0.0.1/", "--contact", "a@b.example")
    assert "private_address" in result.output
    assert "present" not in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("https://example.org/",), "--contact"),
        (("https://[", "--contact", "a@b.example"), "Invalid IPv6"),
        (("no-such-file",), "an address is written https://"),
        ((__file__, "--as", "/nothing"), "no signal reads that; known are /, /.well-known"),
    ],
)
def test_what_the_user_can_mend_is_refused(arguments: tuple[str, ...], message: str):
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_a_saved_response_is_read_as_what_it_is_said_to_be(tmp_path: Path):
    file = tmp_path / "saved.http"
    file.write_bytes(b'HTTP/1.1 200 OK\r\n\r\n[{"location": "/", "tdm-reservation": 1}]')
    result = run(file, "--as", "/.well-known/tdmrep.json", "--json")
    (finding,) = json.loads(result.output)["findings"]
    assert (finding["signal"], finding["outcome"]) == ("tdmrep_file", "present")
    assert run(tmp_path).exit_code == 2


def test_a_work_is_known_by_its_bytes(tmp_path):
    from tests.factories import works

    file = tmp_path / "no-name"
    file.write_bytes(works.jpeg(works.app1(works.XMP)))
    told = json.loads(CliRunner().invoke(main, ["inspect", "--json", str(file)]).output)
    assert told["resource"] == "work:image:"
    (found,) = (f for f in told["findings"] if f["signal"] == "plus_data_mining")
    assert (found["id"], found["outcome"]) == ("A1", "present")
    assert [s["purpose"] for s in found["statements"]] == ["train"]
    assert told["work"]["container"] == "jpeg"
    assert [s["place"] for s in told["work"]["segments"]] == ["jpeg-app1"]
    file.write_bytes(works.pdf(works.XMP, deflated=True))
    lines = CliRunner().invoke(main, ["inspect", str(file)]).output
    assert "plus_data_mining: present" in lines
