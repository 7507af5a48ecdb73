"""Where the raw text of an element ends (WHATWG HTML sections 13.2.5.1 to 13.2.5.17)."""

import pytest
from crawler.parsers.html.tags import after_text, past


@pytest.mark.parametrize(
    ("name", "text", "rest"),
    [
        ("p", "words</p>", "words</p>"),  # markup, not raw text
        ("title", "a <b> c</title>d", "</title>d"),
        ("TITLE".lower(), "a</TITLE >d", "</TITLE >d"),
        ("title", "a</titles>", ""),
        ("plaintext", "a</plaintext>", ""),
        ("script", "a</script>b", "</script>b"),
        ("script", "<!-- a</script>b", "</script>b"),
        ("script", "<!-- <script>a</script>b --></script>c", "</script>c"),
        ("script", "<!-- <script>a</script>b</script>c", "</script>c"),
        ("script", "<script>a</script>b", "</script>b"),  # no comment: nothing is escaped
        ("script", "a", ""),
    ],
)
def test_the_end_of_raw_text(name: str, text: str, rest: str):
    assert text[after_text(text, name, 0) :] == rest


def test_past_the_next_mark():
    assert past("ab>c", ">", 0) == 3
    assert past("ab", ">", 0) == 2
