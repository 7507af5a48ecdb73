"""Ways out and ways to a licence: each dated, sourced, and of somebody that is known."""

import pytest

from crawler.registry import routes
from crawler.registry.fields import RegistryError
from crawler.registry.routes import Covers, Kind, Removes

WAYS = routes.load()
REMOVALS = {way.id: way for way in WAYS.removals}
LICENCES = {way.id: way for way in WAYS.licences}


def test_what_is_known_of_ways_out():
    laion = REMOVALS["laion-personal-data"]
    assert (laion.removes, laion.covers, laion.corpus) == (
        Removes.CORPUS, Covers.PERSONAL_DATA, "LAION-",
    )  # fmt: skip
    assert laion.source.verified
    request = REMOVALS["common-crawl-request"]
    assert (request.documented, request.source.verified) == (False, False)
    assert REMOVALS["openai-answers"].account is routes.Account.NO
    assert {way.removes for way in WAYS.removals} == set(Removes)


def test_what_is_known_of_ways_to_a_licence():
    assert {way.kind for way in WAYS.licences} == set(Kind) - {Kind.DIRECT}
    assert LICENCES["rsl"].signals == ("R4", "H5", "M3", "F7", "A4")
    assert LICENCES["publisher-content-marketplace"].operator == "Microsoft"


SOURCE = '[source.page]\ntitle = "a page"\nas_of = "2026-01"\n'
REMOVAL = {
    "operator": '"OpenAI"', "title": '"t"', "removes": '"model"', "covers": '"works"',
    "how": '"h"', "source": '"page"', "documented": "true",
}  # fmt: skip
LICENCE = {"title": '"t"', "kind": '"direct"', "asks": '"a"', "open_to": '"o"', "run_by": '"r"',
           "source": '"page"'}  # fmt: skip


def parsed(removal: dict[str, str] = REMOVAL, licence: dict[str, str] = LICENCE) -> routes.Routes:
    written = [
        f"[{kind}.one]\n" + "".join(f"{key} = {value}\n" for key, value in table.items())
        for kind, table in (("removal", removal), ("licence", licence))
    ]
    return routes.parse("\n".join(('version = "2026-12-01"', SOURCE, *written)).encode())


def test_what_is_not_told_is_unknown():
    ways = parsed()
    (removal,), (licence,) = ways.removals, ways.licences
    assert (removal.days, removal.account, removal.corpus, removal.address) == (None,) * 4
    assert (licence.operator, licence.signals, licence.source.verified) == (None, (), False)
    (dated,) = parsed(REMOVAL | {"days": "30"}).removals
    assert dated.days == 30


@pytest.mark.parametrize(
    ("removal", "licence", "problem"),
    [
        (REMOVAL | {"days": "0"}, LICENCE, "days: 0"),
        (REMOVAL | {"days": "true"}, LICENCE, "days: True"),
        (REMOVAL | {"account": '"maybe"'}, LICENCE, "account"),
        (REMOVAL | {"removes": '"everything"'}, LICENCE, "removes"),
        (REMOVAL | {"operator": '"Nobody"'}, LICENCE, "operator: 'Nobody' is no operator"),
        (REMOVAL | {"source": '"hearsay"'}, LICENCE, r"no \[source.hearsay\]"),
        ({"title": '"t"'}, LICENCE, "operator: missing"),
        (REMOVAL, LICENCE | {"operator": '"OpenAI"'}, "one of operator and run_by"),
        (REMOVAL, LICENCE | {"signals": '["Z9"]'}, "'Z9' is not in inventory.toml"),
        (REMOVAL, LICENCE | {"source": '"hearsay"'}, r"no \[source.hearsay\]"),
        (REMOVAL, LICENCE | {"kind": '"barter"'}, "kind"),
    ],
)
def test_a_fault_is_named_with_its_place(
    removal: dict[str, str], licence: dict[str, str], problem: str
):
    with pytest.raises(RegistryError, match=problem) as caught:
        parsed(removal, licence)
    assert str(caught.value).startswith("routes.toml: [")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff", "not a TOML file"),
        (b'version = "2026-12-01"\nremoval = {}\n', "licence: missing"),
        (b'version = "2026-12-01"\nremoval = 1\nlicence = {}\n', "tables by id"),
        (b'version = "2026-12-01"\nremoval = {}\n[licence]\nx = 1\n', "tables by id"),
    ],
)
def test_a_file_of_another_shape_is_refused(content: bytes, problem: str):
    with pytest.raises(RegistryError, match=problem):
        routes.parse(content)
