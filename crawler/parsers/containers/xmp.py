"""One XMP packet to its properties, by lxml as hardened in `crawler.parsers.xmltree`.

XMP part 1 (ISO 16684-1:2019), section 7: properties are elements or attributes of the
`rdf:Description` elements of one `rdf:RDF`. Values are simple text, `rdf:resource`, or the items
of an array; qualifiers and structures are not looked into.
"""

from dataclasses import dataclass

from crawler.parsers.xmltree import Element, parse_xml

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
MAX_VALUES = 200
MAX_VALUE = 20_000


@dataclass(frozen=True, slots=True)
class Property:
    """One value of a property; an array gives one of these for each item."""

    namespace: str
    name: str
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Packet:
    """`problem` says why nothing could be read (`crawler.parsers.xmltree`), or `no_rdf`."""

    properties: tuple[Property, ...] = ()
    problem: str | None = None

    def values(self, namespace: str, name: str) -> tuple[Property, ...]:
        """The values of one property, in their order."""
        return tuple(p for p in self.properties if p.namespace == namespace and p.name == name)


def read_packet(data: bytes) -> Packet:
    """Read one packet in UTF-8 or UTF-16; never an error."""
    parsed = parse_xml(_utf8(data))
    if parsed.root is None:
        return Packet(problem=parsed.problem)
    rdf = _rdf(parsed.root)
    if rdf is None:
        return Packet(problem="no_rdf")
    found: list[Property] = []
    for description in rdf.children:
        if description.namespace == RDF and description.name == "Description":
            _describe(description, found)
        if len(found) > MAX_VALUES:
            return Packet(tuple(found[:MAX_VALUES]), "too_many")
    return Packet(tuple(found))


def _utf8(data: bytes) -> bytes:
    """A packet in UTF-8 without padding: in UTF-16 it need not begin with a byte-order mark."""
    for start, encoding in ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):
        if data.startswith(start):
            data = data.decode(encoding, "replace").encode("utf-8", "replace")
    return data.strip(b"\0 \t\r\n")


def _rdf(root: Element) -> Element | None:
    """The `rdf:RDF`, itself the root or a child of it."""
    return next((e for e in (root, *root.children) if e.namespace == RDF and e.name == "RDF"), None)


def _describe(description: Element, found: list[Property]) -> None:
    for key, value in description.attributes.items():
        namespace, _, name = key.rpartition(" ")
        if namespace and namespace != RDF:
            found.append(Property(namespace, name, value[:MAX_VALUE], description.line))
    for child in description.children:
        place = child.namespace, child.name
        found += (Property(*place, value[:MAX_VALUE], child.line) for value in _values(child))


def _values(element: Element) -> list[str]:
    arrays = [c for c in element.children if c.namespace == RDF and c.name in {"Alt", "Bag", "Seq"}]
    if arrays:
        return [_simple(item) for item in arrays[0].children]
    return [_simple(element)]


def _simple(element: Element) -> str:
    """Simple text; of a value with qualifiers its `rdf:value` (XMP part 1, 7.8)."""
    inner = [c for c in element.children if c.namespace == RDF]
    described = [c for c in inner if c.name == "Description"]
    for each in described[0].children if described else inner:
        if (each.namespace, each.name) == (RDF, "value"):
            return each.text.strip()
    return (element.attributes.get(f"{RDF} resource") or element.text).strip()
