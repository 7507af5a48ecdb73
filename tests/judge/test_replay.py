"""Why a published label is another than RFC 9309's answer; one cause a site and agent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.judge.definitions import DEFINITIONS, by_id
from crawler.judge.replay import THEY_BLOCK, Cause, compare, recipes

GPT = b"User-agent: GPTBot\nDisallow: /\n"


@pytest.mark.parametrize(
    ("body", "label", "definition", "cause"),
    [
        (GPT, True, "denied", None),
        (b"", False, "denied", None),
        (b"# GPTBot\n", True, "mentioned", Cause.ONLY_MENTIONED),
        (b"User-agent: GPTBot\nAllow: /\nDisallow: /x\n", True, "mentioned", Cause.OPEN_BY_RULES),
        (GPT + b"Allow: /\n", True, "disallow-line-by-name", Cause.OPEN_BY_RULES),
        (b"", True, "denied", Cause.OTHER_LABEL_BLOCKED),
        (None, True, "denied", Cause.THEIRS_ALONE),
        (None, False, "denied", None),
        (None, None, "denied", None),
        (b"User-agent: *\nDisallow: /\n", False, "mentioned", Cause.BY_STAR),
        (b"User-agent: GPTBot\nUser-agent: x\nDisallow: /\n", False, "next-line", Cause.MISSED),
        (GPT, False, "denied", Cause.OTHER_LABEL_OPEN),
        (GPT, None, "denied", Cause.OURS_ALONE),
        (b"", None, "denied", None),
    ],
)
def test_the_cause(body: bytes | None, label: bool | None, definition: str, cause: Cause | None):
    assert compare(body, "GPTBot", label, by_id(definition)).cause is cause


LINES = st.sampled_from(
    ["User-agent: GPTBot", "User-agent: *", "Disallow: /", "Disallow:", "Allow: /", "# GPTBot", ""]
)


@given(
    st.none() | st.lists(LINES, max_size=8),
    st.none() | st.booleans(),
    st.sampled_from(DEFINITIONS),
)
def test_a_cause_stands_exactly_where_one_side_alone_blocks(lines, label, definition):
    body = None if lines is None else "\n".join(lines).encode()
    cell = compare(body, "GPTBot", label, definition)
    assert bool(cell.theirs) - bool(cell.ours) == (
        0 if cell.cause is None else 1 if cell.cause in THEY_BLOCK else -1
    )


def test_every_recipe_names_what_is_there():
    assert {"samber", "winter", "avuim", "ki-zugangsindex"} <= set(recipes())
    assert recipes()["ki-zugangsindex"].definition.id == "first-group"
    assert all(r.source.startswith("https://") and r.note for r in recipes().values())
