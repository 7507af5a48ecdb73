"""PDF, EPUB, SVG and sidecars to their metadata segments.

Sources: ISO 32000-2 section 14.3 (metadata streams; XMP packets are meant to be found without
knowing the format), EPUB 3.3 and OCF, SVG 2, XMP part 3. What a PDF deflates or encrypts only
pypdf reads, which runs in a worker: see `crawler.parsers.containers.deep`.
"""

import base64
import binascii
import io
import zipfile
import zlib

from crawler.parsers.containers.found import MAX_MANIFEST, Found, LimitError, scan
from crawler.parsers.containers.segment import MAX_SEGMENT, Kind, Problem
from crawler.parsers.containers.source import DamagedError, GapError, Source
from crawler.parsers.containers.xmp import RDF
from crawler.parsers.xmltree import Element, parse_xml

MAX_OPF = MAX_SEGMENT
CONTAINER = "META-INF/container.xml"
_OCF = "urn:oasis:names:tc:opendocument:xmlns:container"


def pdf(source: Source, found: Found) -> None:
    """Packets in the clear, and manifests, which are embedded files."""
    scan(source, found, "pdf-packet")
    for offset in source.find_all(b"jumb", 16):
        with_head = next(
            (data[offset - 4 - start :] for start, data in source.parts
             if start <= offset - 4 < start + len(data)),
            b"",
        )  # fmt: skip
        found.manifests("pdf-embedded", offset - 4, with_head)
    packets = sum(segment.kind is Kind.XMP for segment in found.segments)
    if any(True for _ in source.find_all(b"/Encrypt", 1)):
        found.trouble(Problem.ENCRYPTED)
    # The dictionaries of metadata streams stand in the clear, and say /Subtype /XML.
    elif not packets or packets < sum(1 for _ in source.find_all(b"/XML", 64)):
        found.trouble(Problem.NO_READER)
    if not source.is_whole:
        found.trouble(Problem.TRUNCATED)


def svg(source: Source, found: Found) -> None:
    """Packets and manifests of a drawing, whose text is as long as it likes."""
    scan(source, found, "svg-metadata")
    _between(source, b"<c2pa:manifest", b"</c2pa:manifest>", found)
    if not any(segment.kind is Kind.XMP for segment in found.segments):
        _bare_rdf(source, found)
        if b"\0" in source.head[:4096]:  # UTF-16: only whole packets were looked for
            found.trouble(Problem.TYPE)
    if not source.is_whole:
        found.trouble(Problem.TRUNCATED)


def sidecar(source: Source, found: Found) -> None:
    """A file that is a packet itself."""
    if not source.is_whole:
        raise GapError
    found.add(Kind.XMP, "sidecar", 0, source.head)


def _between(source: Source, opening: bytes, closing: bytes, found: Found) -> None:
    for start in source.find_all(opening, 4):
        data = next(d[start - s :] for s, d in source.parts if s <= start < s + len(d))
        begun = data.find(b">", 0, 1000) + 1
        end = data.find(closing, begun, begun + 2 * MAX_MANIFEST)
        if not begun or end < 0:
            raise DamagedError("a manifest without an end")
        try:
            store = base64.b64decode(data[begun:end])
        except binascii.Error:
            raise DamagedError("a manifest that is not base64") from None
        # Offsets of what is inside are those in the decoded store.
        found.manifests("svg-metadata", 0, store)


def _bare_rdf(source: Source, found: Found) -> None:
    """RDF without the wrapper that XMP puts around it, as Inkscape writes it.

    What it calls its namespaces may stand at the root: the root's opening is kept before it.
    """
    if not any(True for _ in source.find_all(RDF.encode(), 1)):
        return
    data = source.head
    named, root = data.find(RDF.encode()), data.find(b"<svg")
    if root < 0:
        root = data.rfind(b"<", 0, data.find(b":svg"))
    root_end = data.find(b">", root) + 1
    prefix = data[:named].rpartition(b"xmlns")[2].partition(b"=")[0].strip(b": \t\r\n")
    name = prefix + b":RDF" if prefix else b"RDF"
    start = data.find(b"<" + name)
    end = data.find(b"</" + name, start, start + MAX_SEGMENT)
    close = data.find(b">", end) + 1
    if min(root, named, start, end) < 0 or not (root_end and close):
        found.trouble(Problem.DAMAGED)
        return
    tag = data[root + 1 : root_end - 1].split(maxsplit=1)[0]
    packet = data[root:root_end] + data[start:close] + b"</" + tag + b">"
    found.add(Kind.XMP, "svg-metadata", start, packet)


class _File(io.RawIOBase):
    """A work as a file that can be read here and there, as zipfile wants one."""

    def __init__(self, source: Source, length: int) -> None:
        self._source = source
        self._length = length
        self._at = 0

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = max(0, offset + (0, self._at, self._length)[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._length - self._at)
        piece = self._source.read(self._at, left if size < 0 else min(size, left))
        self._at += len(piece)
        return piece


def epub(source: Source, found: Found) -> None:
    """The package document that `META-INF/container.xml` names."""
    if source.length is None:
        raise GapError
    try:
        with zipfile.ZipFile(_File(source, source.length)) as archive:
            name = _rootfile(_member(archive, CONTAINER))
            data = _member(archive, name)
            offset = archive.getinfo(name).header_offset
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise DamagedError("not a readable archive") from error
    except (KeyError, ValueError, OverflowError) as error:
        raise DamagedError("no package document") from error
    except RuntimeError:  # zipfile's word for a member under a password
        found.trouble(Problem.ENCRYPTED)
        return
    found.add(Kind.OPF, "epub-package", offset, data, name[:200])


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        data = member.read(MAX_OPF + 1)
    if len(data) > MAX_OPF:
        raise LimitError
    return data


def _rootfile(data: bytes) -> str:
    """The path of the first package document; raises DamagedError."""
    root = parse_xml(data).root
    for rootfile in _named(root, "rootfile") if root else ():
        if path := rootfile.attributes.get("full-path"):
            return path
    raise DamagedError("no package document is named")


def _named(root: Element, name: str) -> list[Element]:
    return [
        inner
        for outer in root.children
        if outer.name == "rootfiles" and outer.namespace == _OCF
        for inner in outer.children
        if inner.name == name
    ]
