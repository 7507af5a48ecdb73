"""The demo web as pages for a person: an index of the sites, and one view of each answer.

What a site sends is shown as escaped text, and drawn only inside a sandboxed frame without
scripts: replays put strangers' pages here.
"""

from collections.abc import Sequence
from html import escape
from itertools import groupby
from operator import attrgetter
from urllib.parse import quote, unquote

from crawler.demo.web import Answer, Behaviour, DemoSite

RESOURCES = ("/", "/robots.txt", "/.well-known/tdmrep.json")
SHOWN_BYTES = 100_000
ANSWERING = {Behaviour.SERVE, Behaviour.SLOW, Behaviour.BODY_CUT, Behaviour.TLS_FAILURE}

STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; width: 100%; margin-bottom: 2rem; }
caption { text-align: left; font-size: 1.25rem; font-weight: 600; padding: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid; white-space: pre-wrap; }
iframe { width: 100%; height: 20rem; border: 1px solid; background: white; }
"""


def index_page(sites: Sequence[DemoSite]) -> str:
    """List the sites by stratum with their stories and links to what they answer."""
    ordered = sorted(sites, key=attrgetter("stratum", "host"))
    tables = "".join(
        _table(stratum or "sites", list(group))
        for stratum, group in groupby(ordered, key=attrgetter("stratum"))
    )
    intro = (
        f"<p>{len(sites)} invented sites, served on loopback. Each stands for something that "
        "is really out there. Follow a link to see what a crawler is told.</p>"
    )
    return _page("Demo web", intro + tables)


def _table(caption: str, sites: Sequence[DemoSite]) -> str:
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr><th scope=col>Site"
        "<th scope=col>Story<th scope=col>Look at<th scope=col>A survey must say"
        f"</tr></thead><tbody>{''.join(map(_row, sites))}</tbody></table>"
    )


def _row(site: DemoSite) -> str:
    verdict = f"{site.truth.outcome}: {site.truth.reason}" if site.truth else ""
    links = "<br>".join(_link(site.host, path) for path in RESOURCES)
    return (
        f"<tr><th scope=row>{escape(readable(site.host))}</th><td>{escape(site.story)}</td>"
        f"<td>{links}</td><td>{escape(verdict)}</td></tr>"
    )


def answer_page(sites: Sequence[DemoSite], target: str) -> str | None:
    """Show the answer behind `/_site/<host><path>`; None where no such site is."""
    host, _, path = target.removeprefix("/_site/").partition("/")
    path = "/" + unquote(path)
    site = next((site for site in sites if host in site.names), None)
    if site is None:
        return None
    parts = [
        '<p><a href="/">All sites</a></p>',
        f"<p>{escape(site.story)}</p>",
        f"<p>{' · '.join(_link(host, other) for other in RESOURCES)}</p>",
    ]
    if site.behaviour is not Behaviour.SERVE:
        parts.append(f"<p>On the wire: <strong>{site.behaviour}</strong></p>")
    if site.behaviour in ANSWERING:
        scheme = "http" if site.behaviour is Behaviour.TLS_FAILURE else site.schemes[0]
        parts.append(_shown(site.answer(host, path, scheme), f"{scheme}://{host}{path}"))
    return _page(f"{readable(host)}{path}", "".join(parts))


def _shown(answer: Answer, url: str) -> str:
    headers = "".join(f"{name}: {value}\n" for name, value in answer.headers)
    text = answer.body[:SHOWN_BYTES].decode("utf-8", "replace")
    left = len(answer.body) - SHOWN_BYTES
    more = f"<p>{left:,} more bytes are not shown.</p>" if left > 0 else ""
    drawn = ""
    if "text/html" in headers:
        drawn = f'<h2>Drawn</h2><iframe sandbox title="{escape(url)}" srcdoc="{escape(text)}">'
        drawn += "</iframe>"
    return (
        f"<h2>Answer</h2><p><code>{escape(url)}</code>: status {answer.status}</p>"
        f"<pre>{escape(headers)}</pre><h2>Content</h2><pre>{escape(text)}</pre>{more}{drawn}"
    )


def _link(host: str, path: str) -> str:
    return f'<a href="/_site/{escape(host)}{escape(quote(path))}">{escape(path)}</a>'


def readable(host: str) -> str:
    """Give a host name in its own script, with the A-labels behind it."""
    if "xn--" not in host:
        return host
    labels = [
        label[4:].encode().decode("punycode") if label.startswith("xn--") else label
        for label in host.split(".")
    ]
    return f"{'.'.join(labels)} ({host})"


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="'
        f'width=device-width"><title>{escape(title)}</title><style>{STYLE}</style>'
        f"<main><h1>{escape(title)}</h1>{body}</main></html>\n"
    )
