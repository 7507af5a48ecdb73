"""Bytes that should be UTF-8 text to text, with what only a tolerant reader forgives."""

import codecs


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text without its byte-order mark, and the leniencies it took: `bom`, `not_utf8`.

    UTF-16 is known by its mark; what is no UTF-8 is read as Windows-1252. Never fails.
    """
    for bom, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(bom):
            return data[2:].decode(encoding, "replace"), ("bom", "not_utf8")
    bare = data.removeprefix(codecs.BOM_UTF8)
    marked = ("bom",) if len(bare) < len(data) else ()
    try:
        return bare.decode("utf-8"), marked
    except UnicodeDecodeError:
        return bare.decode("cp1252", "replace"), (*marked, "not_utf8")
