"""What must be taken out of a site before a wish holds."""

from types import SimpleNamespace

import pytest

from crawler.creator import mend
from crawler.creator.generate import NO
from crawler.judge.verdicts import judge_visit
from crawler.model import Capture, Defect, Finding, Purpose, Reading, Severity
from crawler.signals.reading.signal import Carrier
from tests.creator.test_promises import CONTACT, small

PAGE = Capture(
    "/", "https://a.example/", "https://a.example/", status=200,
    headers=((b"content-type", b"text/html"),),
    body=b'<meta name="author" content="x">\n<meta name="tdm-reservation" content="1">',
)  # fmt: skip


def test_reservations_of_a_page_are_its_metas_of_that_name():
    (found,) = mend._reservations(Carrier.HTML, PAGE)
    assert found == ('<meta name="tdm-reservation" content="1">', 2)


def test_a_cosmetic_fault_is_not_taken_out():
    defects = tuple(
        Defect(code, severity, "quoted", "effect", 1)
        for code, severity in (("one", Severity.COSMETIC), ("two", Severity.VOIDS))
    )
    read = SimpleNamespace(seq=0, finding=Finding(Reading.MALFORMED, defects=defects))
    assert [removal.line for removal in mend._failed(read, Carrier.HTML, PAGE)] == [1]


@pytest.mark.parametrize(
    ("rules", "given"),
    [
        (b"Disallow: /*.js\n", False),  # `.json` begins so
        (b"Disallow: /.well-known/\n", False),
        (b"Disallow: /*.js\nAllow: /.well-known/tdmrep.json\n", True),
        (b"Disallow: /*.js$\n", True),
        (b"Disallow: /\n", True),  # everything is closed, and a page below may be opened
    ],
)
def test_a_file_that_robots_txt_hides_is_of_no_use(rules, given):
    visited = small(b"User-agent: *\n" + rules)
    found = mend.mend(visited, judge_visit(visited.captures), {Purpose.TRAIN: NO}, CONTACT)
    assert ("tdmrep.json" in {file.name for file in found.files}) is given
    assert any("keeps every program from tdmrep.json" in note for note in found.notes) is not given


def test_a_line_that_names_a_retired_agent_too_is_mended():
    broken = (
        b"User-agent: GPTBot\nUser-agent: anthropic-ai\nDisallow /\n\nUser-agent: *\nDisallow: /x\n"
    )
    visited = small(broken)
    found = mend.mend(visited, judge_visit(visited.captures), {}, CONTACT)
    (robots,) = (file.text for file in found.files if file.name == "robots.txt")
    assert robots.startswith(b"User-agent: GPTBot\nUser-agent: anthropic-ai\nDisallow: /\n")
