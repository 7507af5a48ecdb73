"""Hostile bytes become a bounded tree that knows its lines, or a named problem."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.parsers.xmltree import MAX_DEPTH, MAX_ELEMENTS, MAX_SIZE, Element, Parsed, parse_xml


def element(name: str, *children: Element, **more) -> Element:
    return Element(**{"namespace": "", "name": name, "attributes": {}, "text": "", "line": 1}
                   | {"children": children} | more)  # fmt: skip


@pytest.mark.parametrize(
    ("data", "root"),
    [
        (b"<a/>", element("a")),
        (b"\xef\xbb\xbf<a/>", element("a")),
        (b" \n<a/>\n", element("a", line=2)),
        (b"<a x='1'>t<b/>u<![CDATA[<&]]></a>",
         element("a", element("b"), attributes={"x": "1"}, text="tu<&")),
        (b"<a>&lt;&#233;&#xe9;&apos;</a>", element("a", text="<éé'")),
        (b"<p:a xmlns:p='u:n' p:x='1' y='2'/>",
         element("a", namespace="u:n", attributes={"u:n x": "1", "y": "2"})),
        (b"<a xmlns='u'><b xmlns=''/></a>", element("a", element("b"), namespace="u")),
        (b"<!-- <!DOCTYPE x> --><?pi <!DOCTYPE x>?><a/>", element("a")),
        ("<?xml version='1.0' encoding='utf-16'?><a>é</a>".encode("utf-16"),
         element("a", text="é")),
        (b"\xfe\xff\x00<\x00a\x00/\x00>", element("a")),
        (b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xe9</a>", element("a", text="é")),
        (b"<?xml version='1.0' encoding='x-none'?><a>\xc3\xa9</a>", element("a", text="é")),
    ],
)  # fmt: skip
def test_strict_documents(data: bytes, root: Element):
    assert parse_xml(data) == Parsed(root)


@pytest.mark.parametrize(
    ("data", "root", "leniencies"),
    [
        (b"<a>\xe9</a>", element("a", text="é"), ("not_utf8",)),
        (b"<?xml version='1.0' encoding='koi8-r'?><a>\xe9</a>", element("a", text="é"),
         ("not_utf8",)),
        (b"\r\n\n<?xml version='1.0'?>\r<a/>", element("a", line=4), ("leading_space",)),
        (b"<a x='?b=1&c=2'>&copy; &amp; &#x110000000;</a>",
         element("a", attributes={"x": "?b=1&c=2"}, text="&copy; & &#x110000000;"),
         ("bare_ampersand",)),
        (b"\n<?xml version='1.0'?><a>&</a>", element("a", text="&", line=2),
         ("leading_space", "bare_ampersand")),
    ],
)  # fmt: skip
def test_lenient_documents(data: bytes, root: Element, leniencies: tuple):
    assert parse_xml(data) == Parsed(root, None, leniencies)


LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))


@pytest.mark.parametrize(
    ("data", "problem", "line"),
    [
        (b"", "not_xml", 1),
        (b"<a>", "not_xml", 1),
        (b"<a>\n<b></a>", "not_xml", 2),
        (b"\n\n<?xml version='1.0'?><a>&<b></a>", "not_xml", 3),
        (b"<a/><a/>", "not_xml", 1),
        (b"<p:a/>", "not_xml", 1),
        (b"<a x='1' x='2'/>", "not_xml", 1),
        (b"<a>\x00</a>", "not_xml", 1),
        (b"<a>&#0;</a>", "not_xml", 1),
        (b"<a xmlns='a b'/>", "not_xml", 1),
        (b"<?xml version='1.0'?>\n<!DOCTYPE a><a/>", "doctype", 2),
        (b'<!DOCTYPE a [<!ENTITY l0 "ha">' + LAUGHS + b"]><a>&l9;</a>", "doctype", 1),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hosts">]><a>&x;</a>', "doctype", 1),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>', "doctype", 1),
        (b'<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///dev/zero"> %p;]><a/>', "doctype", 1),
        (b"<a>\n" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1), "too_deep", MAX_DEPTH + 1),
        (b"<a>" * 300 + b"</a>" * 300, "too_deep", 1),
        (b"<a " + b" ".join(b"b%d=''" % n for n in range(5000)) + b"/>", "too_many", None),
        (b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>", "too_many", 1),
        (b"<a>" + b" " * MAX_SIZE + b"</a>", "too_large", None),
    ],
)
def test_problems(data: bytes, problem: str, line: int | None):
    parsed = parse_xml(data)
    assert (parsed.root, parsed.problem, parsed.line) == (None, problem, line)


def test_the_most_that_is_read():
    assert parse_xml(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH).problem is None
    assert parse_xml(b"<a>" + b"<b/>" * (MAX_ELEMENTS - 1) + b"</a>").problem is None
    assert parse_xml(b"<a>" + b" " * (MAX_SIZE - 7) + b"</a>").problem is None


HOSTILE = {
    "laughs": b'<!DOCTYPE a [<!ENTITY l0 "ha">' + LAUGHS + b"]><a>" + b"&l9;" * 250_000 + b"</a>",
    "blow-up": b'<!DOCTYPE a [<!ENTITY l "%s">]><a>' % (b"x" * 100_000) + b"&l;" * 300_000,
    "deep": b"<a>" * 349_000,
    "flat": b"<a>" + b"<b/>" * 260_000,
    "attributes": b"<a " + b"".join(b'a%d="" ' % n for n in range(80_000)) + b"/>",
    "prefixed attributes": b'<a xmlns:p="u" ' + b"".join(b'p:a%d="" ' % n for n in range(70_000)),
    "namespaces": b"<a " + b"".join(b'xmlns:p%d="u" ' % n for n in range(55_000)) + b"/>",
    "attribute": b'<a b="' + b"x" * 1_048_000 + b'"/>',
    "text": b"<a>" + b"x" * 1_048_000 + b"</a>",
    "mixed": b"<a>" + b"x<b/>" * 19_990 + b"</a>",
    "ampersands": b"<a>" + b"&" * 1_048_000 + b"</a>",
    "character references": b"<a>" + b"&#65;" * 209_000 + b"</a>",
    "comments": b"<!---->" * 149_000 + b"<a/>",
    "open comment": b"<!--" + b"-" * 1_048_000,
    "blanks": b" " * 1_048_000 + b"<?xml",
    "not utf-8": b"<a>" + b"\xff" * 1_048_000 + b"</a>",
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_hostile_documents_are_read_to_their_end(kind: str):
    assert len(HOSTILE[kind]) <= MAX_SIZE
    assert (parse_xml(HOSTILE[kind]).root is None) == (
        kind
        not in {"attribute", "text", "mixed", "ampersands"}
        | {"character references", "comments", "not utf-8"}
    )


NAMES = st.from_regex(r"[a-z][a-z0-9.-]{0,4}", fullmatch=True)
TEXTS = st.text("ab&<>]\"' \n\t;é\u2028😀", max_size=9)
TREES = st.recursive(
    st.builds(lambda name, attributes, text: (name, attributes, text, []),
              NAMES, st.dictionaries(NAMES, TEXTS, max_size=3), TEXTS),
    lambda inner: st.tuples(NAMES, st.just({}), TEXTS, st.lists(inner, max_size=3)),
    max_leaves=6,
)  # fmt: skip


def built(tree) -> ET.Element:
    name, attributes, text, children = tree
    made = ET.Element(name, attributes)
    made.text = text
    made.extend(built(child) for child in children)
    return made


def stripped(parsed: Element):
    return parsed.name, parsed.attributes, parsed.text, [stripped(c) for c in parsed.children]


@settings(max_examples=80, deadline=None)
@given(TREES)
def test_what_another_library_writes_is_read_back(tree):
    parsed = parse_xml(ET.tostring(built(tree), "utf-8"))
    assert parsed.leniencies == ()
    assert stripped(parsed.root) == stripped_tree(tree)


def stripped_tree(tree):
    name, attributes, text, children = tree
    return name, attributes, text, [stripped_tree(child) for child in children]


PIECES = st.sampled_from(
    [
        *rb"""<a> </a> <b/> <a~x="1"> <!-- --> <![CDATA[ ]]> <?xml~version="1.0"?> <!DOCTYPE~a>
        <!DOCTYPE~a~[<!ENTITY~x~"y">]> &x; &amp; &#65; & < > " ' xmlns="u" xmlns:p="u" <p:a/> ]
        """.split(),
        *(b"\xff\xfe", b"\xef\xbb\xbf", b"\x00", b"\r", b"\n", b" ", b"\xe9"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=60)
    | st.lists(PIECES, max_size=25).map(lambda pieces: b"".join(pieces).replace(b"~", b" "))
)
def test_no_bytes_make_it_raise(data: bytes):
    parsed = parse_xml(data)
    assert (parsed.root is None) == (parsed.problem is not None)
    lines = 1 + data.count(b"\n") + data.count(b"\r")
    assert parsed.line is None or 1 <= parsed.line <= lines
    if parsed.root:
        assert 1 <= parsed.root.line <= lines
