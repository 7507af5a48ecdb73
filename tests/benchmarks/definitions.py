"""The same headline under all registered definitions: `python -m tests.benchmarks.definitions`.

Over the newest capture of every site of the corpus beside the checkout, by family of captures.
A page in place of the file and an empty file stay in the denominator, as in what peers publish.
"""

import click

from crawler.judge.definitions import DEFINITIONS
from crawler.registry import agents
from tests.benchmarks.bodies import captured


def newest(since: str) -> dict[str, dict[str, bytes]]:
    """Give the newest body of every host, for every family of captures."""
    found: dict[str, dict[str, tuple[str, bytes]]] = {}
    for row, body in captured():
        day, host = row.get("date") or "", row.get("host") or row["id"]
        hosts = found.setdefault(row["family"], {})
        if day >= since and day >= hosts.get(host, ("", b""))[0]:
            hosts[host] = (day, body)
    return {
        family: {host: body for host, (_, body) in hosts.items()}
        for family, hosts in found.items()
        if hosts
    }


@click.command()
@click.option("--panel", type=click.Choice(agents.PANELS), default="wide12", show_default=True)
@click.option("--since", default="2025-01", show_default=True, help="Month of the oldest capture.")
def main(panel: str, since: str) -> None:
    """Print k of n and the share for every family and definition."""
    names = agents.load().panels[panel]
    for family, hosts in sorted(newest(since).items()):
        click.echo(f"\n{family}: {len(hosts)} sites since {since}, {len(names)} agents ({panel})")
        for definition in DEFINITIONS:
            count = sum(definition.blocks(body, names) for body in hosts.values())
            share = count / len(hosts)
            click.echo(f"  {definition.title:32}{count:6} of {len(hosts):6}{share:8.1%}")


if __name__ == "__main__":
    main()
