"""Retry-After: RFC 9110 section 10.2.3, and what servers write instead."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsers.retry_after import retry_after

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"120", 120.0),
        (b" 0 ", 0.0),
        (b"1000000000000", 1e12),
        (b"Wed, 25 Nov 2026 12:01:00 GMT", 60.0),  # the section's own forms of a date
        (b"Wednesday, 25-Nov-26 12:01:00 GMT", 60.0),
        (b"Wed Nov 25 12:01:00 2026", 60.0),  # asctime has no zone: it is UTC
        (b"Wed, 25 Nov 2026 13:01:00 +0100", 60.0),
        (b"Wed, 21 Oct 2015 07:28:00 GMT", 0.0),  # passed
        (b"-5", None),
        (b"1.5", None),
        (b"soon", None),
        (b"", None),
        (b"9" * 16, None),
        (b"Wed, 99 Nov 2026 12:01:00 GMT", None),
        (b"Wed, 25 Nov 99999999999 12:01:00 GMT", None),
        (b"\xff\xfe", None),
        (b"1 Jan 2026" + b" " * 10 + b"x" * 90, None),
    ],
)
def test_a_value_is_a_wait_or_nothing(value, seconds):
    assert retry_after([(b"Retry-After", value)], NOW) == seconds


def test_of_several_the_longest_counts_and_other_fields_do_not():
    headers = [
        (b"X", b"9"),
        (b"retry-after ", b"5"),
        (b"RETRY-AFTER", b"7"),
        (b"retry-after", b"?"),
    ]
    assert retry_after(headers, NOW) == 7
    assert retry_after([(b"X", b"9")], NOW) is None


@given(st.binary(max_size=80) | st.text(max_size=40).map(lambda text: text.encode()))
def test_any_value_is_a_wait_or_nothing(value):
    wait = retry_after([(b"retry-after", value)], NOW)
    assert wait is None or wait >= 0
