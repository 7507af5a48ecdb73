"""`optout dictionary`: what every table, column and stored value means."""

import click

from crawler.cli.refusal import print_json


@click.command()
@click.option("--json", "style", flag_value="json", help="One JSON object.")
@click.option("--datasette", "style", flag_value="datasette", help="A datasette.yml.")
def dictionary(style: str | None) -> None:
    """Print the data dictionary and the codebook of all stored values, as Markdown.

    \b
    JSON: {"ruleset", "tables": [{"name", "kind", "about", "columns": [{"name", "type", "about"}]}],
           "vocabularies": [{"name", "about", "columns": [...], "values": [{"value", "about"}]}]}
    """
    from crawler.dictionary import codebook as words  # noqa: PLC0415
    from crawler.dictionary import datasette  # noqa: PLC0415 - reads every registry

    if style == "json":
        print_json(words.to_document())
    else:
        click.echo(datasette.to_yaml() if style else words.to_markdown(), nl=False)
