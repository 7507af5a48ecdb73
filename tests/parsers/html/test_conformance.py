"""What is in force on a page, held against an independent HTML5 parser over generated documents.

Every document has probes: metas, links and anchors with a number each. Both parsers must agree
which are elements of the document, in the head or not, and on which line they stand.
"""

import re
from collections.abc import Iterator
from random import Random

import pytest
from justhtml import JustHTML

from crawler.parsers.html.reader import read_page

DOCUMENTS = 3000
HTML = "html"  # justhtml's name of the namespace
STARTS = [
    *("p", "div", "span", "b", "i", "a", "h1", "ul", "li", "dl", "dd", "dt", "main", "article"),
    *("table", "tr", "td", "tbody", "caption", "select", "option"),
    *("button", "form", "font", "nobr"),
    *("html", "head", "body", "frameset", "center", "pre", "object", "template", "noscript"),
    *("title", "textarea", "style", "script", "iframe", "xmp", "noembed", "noframes"),
    *("svg", "math", "desc", "foreignObject", "mi", "annotation-xml"),
]
ATTRIBUTES = ["", " a=b", " encoding=text/html", " a='<p>'", " / ", ' title="<meta name=q>"']
ODD = [
    *("text", " ", "\n", "\r\n", "&#32;", "&nbsp;", "<!-- x -->", "<!--", "-->", "<!-->", "--!>"),
    *("<![CDATA[", "]]>", "<?x?>", "</>", "<", "</", "<!doctype html>", "</br>", "</p>", "\0"),
    *("<br>", "<hr>", "<img>", "<input>", "<frame>", "<plaintext>", "<script><!--<script>"),
    *("<x<y>", "<script>a<b;c</script>"),
]  # fmt: skip


def probe(kind: int, number: int) -> str:
    return (
        f'<meta name="p{number}" content=\'<b a="c">\'>',
        f"<meta name=p{number}>",
        f"<link rel=x href=p{number}>",
        f"<a href=p{number}>x</a>",
        f"<img src=p{number}>",
        f'<script type="application/ld+json">p{number}<b></script>',
    )[kind]


def document(random: Random) -> str:
    pieces, number = [], 0
    if random.random() < 0.3:
        pieces += ["<!doctype html><html><head>"]
    for _ in range(random.randrange(1, 25)):
        match random.randrange(8):
            case 0 | 1 | 2:
                pieces.append(probe(random.randrange(6), number))
                number += 1
            case 3 | 4:
                name = random.choice(STARTS)
                pieces.append(f"<{name}{random.choice(ATTRIBUTES)}>")
            case 5 | 6:
                pieces.append(f"</{random.choice(STARTS)}>")
            case _:
                pieces.append(random.choice(ODD))
    return "".join(pieces)


def theirs(html: str) -> dict[str, list]:
    tree = JustHTML(html, sanitize=False)
    found: dict[str, list] = {"meta": [], "link": [], "a": [], "img": [], "script": []}
    for node, in_head in elements(tree.root, in_head=False):
        if node.name not in found or node.namespace not in (None, HTML):
            continue
        given = node.attrs or {}
        if node.name == "meta":
            found["meta"].append((given.get("name"), given.get("content"), in_head))
        elif node.name == "link":
            found["link"].append((given.get("href"), in_head))
        elif node.name == "img" and given.get("src"):
            found["img"].append(given["src"])
        elif node.name == "script" and given.get("type"):
            found["script"].append(("".join(child.data for child in node.children), in_head))
        elif node.name == "a" and "href" in given and not silent(node):
            found["a"].append(given["href"])
    return found


def elements(node, *, in_head: bool) -> Iterator[tuple]:
    for child in node.children or ():
        if child.name.startswith(("#", "!")):
            continue
        yield child, in_head
        if child.name != "template":
            yield from elements(child, in_head=in_head or child.name == "head")


SILENT = {"canvas", "datalist", "head", "math", "object", "select", "svg", "title"}


def silent(node) -> bool:
    while node := node.parent:
        if node.name in SILENT:
            return True
    return False


def ours(html: str) -> dict[str, list]:
    page = read_page(html.encode())
    return {
        "meta": [(m.name, m.content, m.in_head) for m in page.metas],
        "link": [(x.href, x.in_head) for x in page.links if x.element == "link"],
        "a": [anchor.href for anchor in page.anchors],
        "img": [work.url for work in page.works],
        "script": [(script.text, script.in_head) for script in page.scripts],
    }


@pytest.mark.parametrize("seed", range(10))
def test_what_is_in_force_is_what_another_parser_says(seed):
    random = Random(seed)
    for _ in range(DOCUMENTS // 10):
        html = document(random)
        assert ours(html) == theirs(html), html


@pytest.mark.parametrize("seed", range(3))
def test_every_place_holds_what_is_said_of_it(seed):
    """By the text alone: each probe has its number, so that its line and its tag are known."""
    random = Random(seed)
    for _ in range(DOCUMENTS // 10):
        html = document(random).replace("\0", "")
        lines = re.split("\r\n|\r|\n", html)
        page = read_page(html.encode())
        numbered = [(meta, meta.name) for meta in page.metas] + [
            (link, link.href) for link in (*page.links, *page.anchors)
        ]
        for found, name in numbered:
            assert (name or "q") in found.raw, html
            assert found.raw.split("\n")[0].rstrip("\r") in lines[found.line - 1], html
