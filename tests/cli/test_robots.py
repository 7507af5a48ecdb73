"""`optout robots` explains a file, compares two, and answers scripts."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawler.cli.robots import READERS, robots
from tests.creator.test_explain import FILE


def run(*arguments: object, stdin: bytes = b"") -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(robots, [str(each) for each in arguments], input=stdin)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a plug-in's mark, a list of names and an exception."""
    path = tmp_path / "robots.txt"
    path.write_bytes(FILE)
    return path


def test_a_person_reads_who_is_kept_out_by_which_line_and_what_fails(file: Path):
    result = run(file, "--path", "/press/a")
    assert result.exit_code == 0
    assert "GPTBot (OpenAI; training)" in result.output
    assert "by rules for it by name (line 7: Disallow: /)" in result.output
    assert "may fetch /press/a (line 6: Allow: /press/)" in result.output
    assert "Readers differ about the start page" in result.output
    assert "Mend: " in result.output
    assert "come from yoast" in result.output


def test_json_is_one_object_with_evidence(file: Path):
    found = json.loads(run(file, "--json", "--agent", "GPTBot", "--reader", "google").output)
    (agent,) = found["agents"]
    assert (found["reader"], agent["decision"]["line"]) == ("google", 7)
    assert found["authors"][0]["author"] == "yoast"
    assert {"state", "octets", "groups", "everybody", "faults"} <= found.keys()


def test_operators_rules_odd_names_and_the_list_of_a_day_are_told():
    body = b"User-agent: Googlebot\nDisallow: /a\nAllow: /$\nUser-agent: AI2Bot\nDisallow: /\n"
    asked = ("--agent", "Applebot", "--agent", "AI2Bot", "--as-of", "2025-01-10")
    told = run("-", *asked, stdin=body).output
    assert "By its operator's own rule it follows Googlebot: kept out of some paths" in told
    assert "No reader applies that. Source: Apple" in told
    assert "Not a product token of RFC 9309" in told
    assert "1 of its 43 names have rules of their own" in told
    assert "Copies older than " in told
    assert "Listed since and missing: " in told
    assert "known to us until" not in told
    found = json.loads(run("-", *asked, "--json", stdin=body).output)
    assert found["agents"][0]["vendor"]["rule"]["to"] == "Googlebot"
    assert found["own_day"]["listed"] == 43
    shut = run("-", *asked, stdin=b"User-agent: Googlebot\nDisallow: /\n").output
    assert "follows Googlebot: kept out of the whole site (line 2: Disallow: /)" in shut


def test_a_day_after_the_lists_history_says_so_and_one_before_is_refused():
    assert "known to us until" in run("-", "--as-of", "2035-01-01", stdin=b"").output
    refused = run("-", "--as-of", "2020-01-01", stdin=b"")
    assert (refused.exit_code, "no list is known" in refused.output) == (2, True)


def test_standard_input_and_hostile_text():
    result = run(
        "-", stdin=b"User-agent: GPTBot\x1b[31m\nUser-agent: GPTBot\nDisallow: / \x1b]0;\n"
    )
    assert result.exit_code == 0
    assert "\x1b" not in result.output


def test_difference_is_one_of_meaning(file: Path, tmp_path: Path):
    new = tmp_path / "new.txt"
    new.write_bytes(FILE.replace(b"GPTBot", b"Amazonbot"))
    result = run("--diff", file, new)
    assert result.exit_code == 0
    assert "Kept out of more than before:\n  Amazonbot: " in result.output
    assert "Kept out of less than before:\n  GPTBot: " in result.output
    found = json.loads(run("--diff", file, new, "--json").output)["changes"]
    assert {"kind", "subject", "before", "after"} == found[0].keys()
    new.write_bytes(b"# another comment\n" + FILE)
    assert run("--diff", file, new).output == "Nothing changed in meaning.\n"


def test_batch_answers_in_order_from_standard_input_or_a_file(tmp_path: Path):
    body = "User-agent: GPTBot\nDisallow: /\n"
    questions = [{"body": body, "agent": name} for name in ("GPTBot", "CCBot")]
    text = "\n".join(map(json.dumps, questions)).encode() + b"\n\n"
    (tmp_path / "q.ndjson").write_bytes(text)
    expected = [
        {"allowed": False, "line": 2, "basis": "own"},
        {"allowed": True, "line": None, "basis": "none"},
    ]
    for result in (run("--batch", stdin=text), run("--batch", tmp_path / "q.ndjson")):
        assert [json.loads(line) for line in result.output.splitlines()] == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "line 2: not a question"),
        (b"\xff", "line 2: not a question"),
        (b"[" * 100_000, "line 2: "),
        (b"null", "line 2: not a question"),
        (b"[]", "line 2: not a question"),
        (b'{"agent": "a"}', "line 2: not a question: body is not a text"),
        (b'{"body": null, "agent": "a"}', "line 2: not a question: body is not a text"),
        (b'{"body": "", "agent": null}', "line 2: not a question: agent is not a text"),
        (b'{"body": "", "agent": ["a"]}', "line 2: not a question: agent is not a text"),
        (b'{"body": "", "agent": "a", "path": null}', "line 2: not a question: path is not"),
        (b'{"body": "", "agent": "a", "path": ["/"]}', "line 2: not a question: path is not"),
        (b'{"body": "", "agent": "a", "reader": []}', "line 2: not a question: reader is not"),
        (b'{"body_base64": 1, "agent": "a"}', "line 2: not a question: body_base64 is not"),
        (b'{"body_base64": "%", "agent": "a"}', "line 2: not a question: body_base64"),
        (b'{"body": "", "agent": "a", "reader": "nutch"}', "line 2: unknown reader"),
    ],
)
def test_a_batch_line_that_is_no_question_is_refused_and_the_others_are_answered(
    line: bytes, message: str
):
    good = b'{"body": "User-agent: *\\nDisallow: /", "agent": "a"}'
    result = run("--batch", stdin=b"\n".join((good, line, good)))
    assert result.exit_code == 2
    first, refused, last = map(json.loads, result.stdout.splitlines())
    assert first == last == {"allowed": False, "line": 2, "basis": "star"}
    assert (refused.pop("error").startswith(message), set(refused.values())) == (True, {None})
    assert result.stderr.startswith(message)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("https://any.example/shut/x", False),
        ("HTTP://any.example:8080/shut?q#f", False),
        ("https://any.example?q", True),
        ("shut", False),
        ("/a#shut", True),
        ("/go?to=http://a.example/shut", True),
        ("//shut", False),
        ("//shut?return=http://a.example/", False),
        ("//a.example/shut", True),
    ],
)
def test_every_reader_takes_the_path_from_a_whole_address(reader: str, path: str, allowed: bool):
    body = "User-agent: *\nDisallow: /shut\nDisallow: //shut\n"
    question = {"body": body, "agent": "x", "path": path, "reader": reader}
    result = run("--batch", stdin=json.dumps(question).encode())
    assert json.loads(result.stdout)["allowed"] is allowed


def test_a_path_beside_two_files_is_answered_for_both(tmp_path: Path):
    (tmp_path / "old").write_text("User-agent: *\nDisallow: /a\nDisallow: /b\n")
    (tmp_path / "new").write_text("User-agent: *\nDisallow: /b\nDisallow: /c\n")
    told = run("--diff", tmp_path / "old", tmp_path / "new", "--path", "/a", "--path", "/b").output
    assert told == (
        "Rules that only one of the files has:\n"
        "  crawlers that are not named: Disallow: /a -> Disallow: /c\n"
        "Paths asked about:\n  * at /a: disallowed -> allowed\n"
    )
    (tmp_path / "new").write_text("User-agent: *\nDisallow: /b\n")
    told = run("--diff", tmp_path / "old", tmp_path / "new").output
    assert "crawlers that are not named: Disallow: /a -> none\n" in told


def test_base64_bodies_are_bytes():
    line = b'{"body_base64": "VXNlci1hZ2VudDogKgpEaXNhbGxvdzogLwo=", "agent": "x"}'
    assert json.loads(run("--batch", stdin=line).output)["allowed"] is False


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name one of"),
        (("a", "--batch", "-"), "name one of"),
        (("--diff", "a", "b", "--reader", "google"), "to the letter of RFC 9309"),
        (("--diff", "a", "b", "--as-of", "2025-01-01"), "to the letter of RFC 9309"),
        (("no-such-file",), "a site is written https://"),
        (("https://example.org/",), "--contact"),
        (("https://[", "--contact", "a@b.example"), "Invalid IPv6"),
    ],
)
def test_what_the_user_can_mend_is_refused(arguments: tuple[str, ...], message: str):
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_a_private_address_is_never_asked():
    result = run("http://127.0.0.1/", "--contact", "a@b.example")
    assert result.exit_code == 1
    assert "unknown; that is not a permission" in result.output


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, list[bytes]]]:
    """A site on loopback that serves only /robots.txt; yields a hosts file and what it heard."""
    heard: list[bytes] = []
    loop = asyncio.new_event_loop()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        found = b"Host: there" in heard[-1]
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + FILE if found else b"HTTP/1.1 404 No\r\n\r\n")
        writer.close()

    server = loop.run_until_complete(asyncio.start_server(answer, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    hosts = tmp_path / "hosts"
    port = server.sockets[0].getsockname()[1]
    hosts.write_text(f"127.0.0.1:{port} there.example gone.example\n")
    yield hosts, heard
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    server.close()
    loop.close()


def test_a_site_is_asked_for_its_robots_txt_only(site: tuple[Path, list[bytes]]):
    hosts, heard = site
    result = run("http://there.example/deep/page?x", "--hosts", hosts)
    assert result.exit_code == 0
    assert "GPTBot (OpenAI; training)" in result.output
    assert heard[0].startswith(b"GET /robots.txt HTTP/1.1\r\n")


def test_a_site_without_the_file_is_told_apart_from_one_that_failed(
    site: tuple[Path, list[bytes]],
):
    hosts, heard = site
    result = run("http://gone.example/", "--hosts", hosts, "--contact", "https://who.example")
    assert (result.exit_code, "there is no robots.txt" in result.output) == (1, True)
    assert b"(+https://who.example)" in heard[0]
