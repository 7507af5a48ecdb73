"""Pages to UTF-8, by byte-order mark, declared label, or `meta` (WHATWG HTML section 13.2.3).

Labels are those of the Encoding Standard and no others: utf-7, which Python knows, hides tags.
"""

import codecs
import re

import webencodings

UTF8 = codecs.lookup("utf-8")
_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)
_LOOK = 1024
"""Octets in which a declaration is looked for, as the standard asks."""


def octets(data: bytes, label: str | None, most: int) -> bytes:
    """At most `most` octets of UTF-8; faults of UTF-8 may be left in. Never an error."""
    codec, start = _codec(data, label)
    data = data[start : start + 4 * most]
    return data[:most] if codec is UTF8 else codec.decode(data, "replace")[0].encode()[:most]


def _codec(data: bytes, label: str | None) -> tuple[codecs.CodecInfo, int]:
    """The codec, and where the text begins."""
    for bom, name in _BOMS.items():
        if data.startswith(bom):
            return codecs.lookup(name), len(bom)
    for name in ("utf-16-le", "utf-16-be"):
        if data.startswith("<?x".encode(name)):
            return codecs.lookup(name), 0
    told = webencodings.lookup(label or "") or webencodings.lookup(_declared(data))
    return told.codec_info if told else UTF8, 0


def _declared(data: bytes) -> str:
    """The label of a `meta`: one that says UTF-16 is itself no UTF-16 (section 13.2.3.2)."""
    found = _META.search(_COMMENT.sub(b"", data[:_LOOK]))
    label = found[1].decode("latin-1").lower() if found else ""
    return "utf-8" if label.startswith("utf-16") else label
