"""What must be taken out of a site before a wish holds."""

from types import SimpleNamespace

from crawler.creator import mend
from crawler.model import Capture, Defect, Finding, Reading, Severity
from crawler.signals.reading.signal import Carrier

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
