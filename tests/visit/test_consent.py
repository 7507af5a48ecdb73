"""Consent to being asked under another name: what is doubtful is none."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.model import Capture, Failure, Hop
from crawler.visit.consent import FILE, MAX_BYTES, Denial, denied

ORIGIN = "https://a.example"
TOKEN = "Xa71-0000-4f2e-9c3d"
LINE = f"OptOutObservatory host=a.example token={TOKEN} until=2026-12-31 agents=GPTBot,CCBot"
TODAY = date(2026, 12, 1)
CAME = Capture(
    FILE, ORIGIN + FILE, ORIGIN + FILE, status=200,
    headers=((b"Content-Type", b"text/plain; charset=utf-8"),), body=LINE.encode() + b"\n",
)  # fmt: skip


def why(came: Capture = CAME, token: str | None = TOKEN, agent: str = "GPTBot", today=TODAY):
    return denied(came, ORIGIN, token, agent, today)


def test_a_file_with_the_token_is_consent_for_its_agents_until_its_day():
    assert why() is None
    assert why(agent="gptbot") is None
    assert why(agent="ClaudeBot") is Denial.OTHER_AGENT
    assert why(today=date(2026, 12, 31)) is None
    assert why(today=date(2027, 1, 1)) is Denial.EXPIRED


def said(text: str):
    return why(replace(CAME, body=text.encode()))


def test_lines_for_others_and_comments_do_no_harm():
    text = f"# for the Observatory\nOtherBot token=x\n\n{LINE}\n".replace("\n", "\r\n")
    assert said(text) is None
    assert said(LINE.replace("agents=GPTBot,CCBot", "agents=*")) is None
    assert said(LINE.replace("host=a.example", "host=A.Example")) is None


@pytest.mark.parametrize(
    ("text", "denial"),
    [
        ("", Denial.NO_LINE),
        (f"# {LINE}", Denial.NO_LINE),
        (f"#{LINE}", Denial.NO_LINE),
        ("\ufeff" + LINE, Denial.NOT_PLAIN),
        (f"{LINE}\n{LINE}", Denial.AMBIGUOUS),
        (f"{LINE}\nOptOutObservatory withdrawn", Denial.AMBIGUOUS),
        (LINE.replace(" until=2026-12-31", ""), Denial.AMBIGUOUS),
        (LINE + " note=x", Denial.AMBIGUOUS),
        (LINE + f" token={TOKEN}", Denial.AMBIGUOUS),
        (LINE.replace("until=2026-12-31", "until"), Denial.EXPIRED),
        (LINE.replace("host=a.example", "host=*"), Denial.OTHER_HOST),
        (LINE.replace("host=a.example", "host=www.a.example"), Denial.OTHER_HOST),
        (LINE.replace(TOKEN, TOKEN + "0"), Denial.OTHER_TOKEN),
        (LINE.replace(TOKEN, TOKEN[:-1]), Denial.OTHER_TOKEN),
        (LINE.replace(TOKEN, TOKEN.lower()), Denial.OTHER_TOKEN),
        (LINE.replace("2026-12-31", "2026-11-31"), Denial.EXPIRED),
        (LINE.replace("2026-12-31", "never"), Denial.EXPIRED),
        (LINE.replace("GPTBot,CCBot", "GPTBotX"), Denial.OTHER_AGENT),
        (LINE.replace("GPTBot,CCBot", "*,CCBot"), Denial.OTHER_AGENT),
        (LINE.lower(), Denial.NO_LINE),
    ],
)
def test_what_is_doubtful_is_no_consent(text: str, denial: Denial):
    assert said(text) is denial


@pytest.mark.parametrize(
    ("change", "denial"),
    [
        ({"status": 404}, Denial.NO_FILE),
        ({"status": 206}, Denial.NO_FILE),
        ({"status": 304}, Denial.NO_FILE),
        ({"failure": Failure.TIMEOUT_FIRST_BYTE}, Denial.NO_FILE),
        ({"hops": (Hop(ORIGIN + FILE, 301, "/x"),)}, Denial.REDIRECTED),
        ({"final_url": "https://b.example" + FILE}, Denial.REDIRECTED),
        ({"final_url": "http://a.example" + FILE}, Denial.REDIRECTED),
        ({"truncated": True}, Denial.NOT_PLAIN),
        ({"data_loss": True}, Denial.NOT_PLAIN),
        ({"coding_error": True}, Denial.NOT_PLAIN),
        ({"body": LINE.encode() + bytes(MAX_BYTES)}, Denial.NOT_PLAIN),
        ({"headers": ((b"Content-Type", b"text/html"),)}, Denial.NOT_PLAIN),
        ({"headers": ()}, Denial.NOT_PLAIN),
    ],
)
def test_a_file_that_did_not_come_as_it_should_is_no_consent(change: dict, denial: Denial):
    assert why(replace(CAME, **change)) is denial


@pytest.mark.parametrize("token", [None, ""])
def test_without_a_token_of_the_panel_no_file_consents(token: str | None):
    assert why(token=token) is Denial.NO_TOKEN


@given(st.binary(max_size=300))
def test_no_bytes_without_the_token_are_consent(body: bytes):
    came = replace(CAME, body=body)
    if TOKEN.encode() not in body:
        assert why(came) is not None
