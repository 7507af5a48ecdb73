"""Pages to their signals, ours against full parsers in one run; and whatever either misses.

By hand: `make bench-html`. Contestants take turns, page by page, and every figure is a median
over rounds of CPU time, so only the ratios of one run mean anything. Pages are made, 60 to 200
KB, in the proportions of real ones; captured pages are measured besides where they are at hand.

Each parser gives the same: all metas and links, the texts of JSON-LD, and the elements with
`data-nosnippet`, marks or properties of a licence. What a full parser finds and we do not, or
the other way round, is listed with its reason, or as unexplained; then the exit status is 1.
"""

import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import click
import lxml.html
from scrapy.http import HtmlResponse

from crawler.model import Capture
from crawler.parsers.html.page import Page
from crawler.parsers.html.reader import DATA_BLOCKS, MARKS, MAX_TEXT, read_page
from crawler.signals import SIGNALS
from crawler.signals.reading.signal import Carrier
from tests.benchmarks import bodies

Found = dict[str, Counter[str]]
Work = Callable[[bytes], object]
PAGES = [signal for signal in SIGNALS if signal.carrier is Carrier.HTML]
WANTED = "//*[" + " or ".join(f"@{name}" for name in (*MARKS, "itemprop", "property", "rel")) + "]"
SHADOWS = ("noscript", "template", "textarea", "iframe", "noembed", "noframes", "xmp", "title")
"""Elements whose tags are no elements of the document; libxml2 and lexbor know only some."""
WORDS = "river lantern harbour winter letter garden copper morning quiet station".split()  # noqa: SIM905


def ours(data: bytes) -> Found:
    """Kinds of elements, each with its texts, from our reader."""
    return _of_page(read_page(data, "utf-8"))


def _of_page(page: Page) -> Found:
    metas = (f"{m.name or m.property or m.http_equiv}={m.content}" for m in page.metas)
    return {
        "meta": Counter(map(_flat, metas)),
        "link": Counter(_flat(link.href) for link in page.links if link.element == "link"),
        "JSON-LD": Counter(_flat(one.text) for one in page.scripts),
        "data-nosnippet": Counter(m.element for m in page.marks if m.name == "data-nosnippet"),
    }


def _flat(text: str | None) -> str:
    """Parsers differ in blanks and line ends, which say nothing; and in what a cut leaves."""
    return "".join((text or "").split())[:1000]


def theirs(tree: lxml.html.HtmlElement, *, shadowed: bool = True) -> Found:
    """The same of a tree; `shadowed` takes also what stands in text that is no markup."""
    found: Found = {kind: Counter() for kind in ("meta", "link", "JSON-LD", "data-nosnippet")}
    for element in tree.iter("meta", "link", "script"):
        if not shadowed and _is_shadowed(element):
            continue
        if element.tag == "meta":
            name = element.get("name") or element.get("property") or element.get("http-equiv")
            found["meta"][_flat(f"{name}={element.get('content')}")] += 1
        elif element.tag == "link":
            found["link"][_flat(element.get("href"))] += 1
        elif (element.get("type") or "").partition(";")[0].strip().lower() in DATA_BLOCKS:
            found["JSON-LD"][_flat(element.text)] += 1
    for element in tree.xpath(WANTED):
        if element.get("data-nosnippet") is not None and (shadowed or not _is_shadowed(element)):
            found["data-nosnippet"][element.tag] += 1
    return found


def _is_shadowed(element: lxml.html.HtmlElement) -> bool:
    return any(up.tag in SHADOWS for up in element.iterancestors())


def tree_of(data: bytes) -> lxml.html.HtmlElement:
    """A full parse by libxml2."""
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    return lxml.html.document_fromstring(data, parser=parser)


def xpath(data: bytes) -> object:
    """Scrapy's `response.xpath`, the way its documentation invites to."""
    response = HtmlResponse("https://a.example/", body=data, encoding="utf-8")
    return [
        response.xpath(f"//{tag}").getall() for tag in ("meta", "link", "script[@type]")
    ] + response.xpath(WANTED).getall()


def selectolax() -> Work | None:
    """lexbor's full parse with the same selection, where selectolax is installed."""
    try:
        from selectolax.lexbor import LexborHTMLParser
    except ImportError:
        return None
    wanted = ",".join(f"[{name}]" for name in (*MARKS, "itemprop", "property", "rel"))

    def work(data: bytes) -> object:
        tree = LexborHTMLParser(data)
        metas = [node.attributes for node in tree.css("meta")]
        links = [node.attributes for node in tree.css("link")]
        blocks = [n.text() for n in tree.css("script[type]") if "+" in (n.attributes["type"] or "")]
        return metas, links, blocks, tree.css(wanted)

    return work


def signals(data: bytes) -> object:
    """All our signals of one page, judged."""
    headers = ((b"Content-Type", b"text/html; charset=utf-8"),)
    url = "https://a.example/"
    capture = Capture("/", url, url, status=200, headers=headers, body=data)
    return [signal.find(capture) for signal in PAGES]


def made(chance: Random) -> bytes:
    """Write a page: a head of metas, links and scripts, and pieces of a body up to a size."""
    size = chance.randint(60_000, 200_000)
    metas = (f'<meta property="og:{n}" content="{_words(chance)}">\n' for n in range(30))
    links = (f'<link rel="preload" as="script" href="/{chance.random()}.js">\n' for _ in range(20))
    scripts = (_script(chance) for _ in range(chance.randint(5, 20)))
    robots = chance.choice(("noai, noimageai", "index, follow", "max-snippet:-1"))
    head = f'<meta name="robots" content="{robots}">\n<title>{_words(chance)}</title>\n'
    page = f"<!doctype html>\n<html lang=en>\n<head>\n{head}{''.join(metas)}{''.join(links)}"
    page += f"{''.join(scripts)}{_block(chance)}</head>\n<body class='home page'>\n"
    while len(page) < size:
        page += "".join(_piece(chance) for _ in range(20))
    return page.encode()


def _words(chance: Random, count: int = 8) -> str:
    return " ".join(chance.choices(WORDS, k=count))


def _script(chance: Random) -> str:
    code = "".join(f'if(a<b&&c>d){{e("{_words(chance, 100)}")}}' for _ in range(5))
    return f"<script>{code[: chance.randint(50, 4000)]}</script>\n"


def _block(chance: Random) -> str:
    value = f'{{"@type":"WebPage","name":"{_words(chance)}","license":"/terms"}}'
    return f'<script type="application/ld+json">{value}</script>\n'


def _piece(chance: Random) -> str:
    """A piece of a body, as content systems write them; half of a page is scripts."""
    given = f'class="c-{chance.choice(WORDS)} u-{chance.randrange(99)}" data-id="{chance.random()}"'
    pieces = {
        f"<div {given}><div><h2>{_words(chance)}</h2><p>{_words(chance, 20)}</p></div></div>\n": 8,
        f'<li><a href="/{chance.random()}" rel="nofollow" {given}><b>x</b></a></li>\n': 8,
        f'<p><img src="/i/{chance.random()}.jpg" alt="x" loading=lazy {given} /></p>\n': 4,
        f'<svg viewBox="0 0 24 24"><g><path d="{"M1 2L3 4" * 20}"/></g></svg>\n': 2,
        f'<span itemprop="name">{_words(chance, 2)}</span><!-- {_words(chance)} -->\n': 4,
        _script(chance): 1.3,
        "<span data-nosnippet>x</span>\n": 0.02,
        _block(chance): 0.02,
        '<a rel="license" href="/l">x</a>\n': 0.02,
    }
    return chance.choices(list(pieces), list(pieces.values()))[0]


def captured() -> list[bytes]:
    """The pages of the captured corpus; empty where there is none."""
    module = bodies.reader()
    if module is None:
        return []
    rows = module.rows("responses/pages.jsonl.xz")
    return [row["html"].encode("utf-8", "replace")[:MAX_TEXT] for row in rows]


def contestants() -> Iterator[tuple[str, Work]]:
    """Ours first, then those that can be imported."""
    yield "our reader", read_page
    yield "our reader and all signals", signals
    yield "lxml full parse alone", tree_of
    yield "lxml full parse and the same selection", lambda data: theirs(tree_of(data))
    yield "Scrapy response.xpath", xpath
    if work := selectolax():
        yield "selectolax (lexbor) and the same selection", work
    else:
        click.echo("selectolax: skipped, it is not installed")


def measure(pages: list[bytes], rounds: int) -> dict[str, float]:
    """Median CPU milliseconds a page of each contestant; they take turns on every page."""
    works = dict(contestants())
    spent: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        total = dict.fromkeys(works, 0.0)
        for page in pages:
            for name, work in works.items():
                begun = time.process_time()
                work(page)
                total[name] += time.process_time() - begun
        for name, seconds in total.items():
            spent[name].append(seconds / len(pages) * 1e3)
    return {name: statistics.median(column) for name, column in spent.items()}


def differences(data: bytes) -> Iterator[tuple[str, str]]:
    """What a full parse and our reader do not agree on, each with its reason."""
    tree = tree_of(data)
    mine, everything, visible = ours(data), theirs(tree), theirs(tree, shadowed=False)
    for kind in mine:
        for text in everything[kind] - visible[kind]:
            if text not in mine[kind] - visible[kind]:
                yield kind, "libxml2 reads tags in noscript, template and the like as elements"
        for text in (visible[kind] - mine[kind]) + (mine[kind] - visible[kind]):
            yield kind, f"UNEXPLAINED {text[:60]!r}"


def print_measured(title: str, pages: list[bytes], rounds: int) -> bool:
    """Print speed and differences over one set of pages; False where one is unexplained."""
    size = statistics.mean(map(len, pages)) / 1024
    click.echo(f"\n{title}: {len(pages)} pages, mean {size:.0f} KiB, {rounds} rounds")
    found = measure(pages, rounds)
    base = found["our reader"]
    for name, spent in found.items():
        click.echo(f"  {name:44}{spent:8.2f} ms {1000 / spent:8.0f} pages/s {spent / base:7.2f}x")
    reasons = Counter(one for page in pages for one in differences(page))
    total = {kind: sum(sum(ours(page)[kind].values()) for page in pages) for kind in ours(b"")}
    click.echo(f"  found: {', '.join(f'{count} {kind}' for kind, count in total.items())}")
    for (kind, reason), count in sorted(reasons.items()):
        click.echo(f"  {count} {kind}: {reason}")
    return not any(reason.startswith("UNEXPLAINED") for _, reason in reasons)


@click.command()
@click.option("--pages", default=100, show_default=True, help="Pages to make.")
@click.option("--rounds", default=5, show_default=True)
def main(pages: int, rounds: int) -> None:
    """Measure, compare, and exit with 1 where a difference has no reason."""
    chance = Random(1)
    agreed = print_measured("made pages", [made(chance) for _ in range(pages)], rounds)
    if real := captured():
        agreed &= print_measured("captured pages", real, rounds)
    else:
        click.echo("captured pages: skipped, there is no corpus beside the checkout")
    sys.exit(0 if agreed else 1)


if __name__ == "__main__":
    main()
