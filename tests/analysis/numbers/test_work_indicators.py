"""Numbers on works, by hand, over works that the real store and judge have read.

Eight sites; what each shows stands beside it. A site whose works nobody asked for, could not read
or did not find is in no denominator, neither as a yes nor as a no.
"""

import sqlite3
from contextlib import closing
from dataclasses import replace
from importlib import resources

import pytest

from analysis.database import open_database
from analysis.numbers import indicator, summary
from crawler.signals import SIGNALS
from crawler.store import forget
from crawler.store.database import writing
from tests.factories import judged, works
from tests.factories.judged import ROBOTS, Answers

DAY = "2026-11-25"
OF_WORKS = sorted(s.name for s in SIGNALS if s.resources[0].startswith("work:"))
INDICATORS = (
    "per_asset_burden", "work_wishes", "work_only_wishes", "work_contradictions",
    "work_unprotected", "work_readers", "metadata_survival",
)  # fmt: skip
PLUS = "<plus:DataMining>http://ns.useplus.org/ldf/vocab/{}</plus:DataMining>"
RIGHTS = "<dc:rights>(c) A. Maker</dc:rights>"
RESERVED = ((b"tdm-reservation", b"1"),)


def picture(*told):
    """A JPEG with these properties."""
    return works.jpeg(*([works.app1(works.packet("".join(told)))] if told else []))


NO = picture(PLUS.format("DMI-PROHIBITED-AIMLTRAINING"))
YES = picture(PLUS.format("DMI-ALLOWED"))
DRAFT = picture(PLUS.format("DMI-ALLOWED-noaitraining"))
BARE, MARKED, BOTH = picture(), picture(RIGHTS), picture(RIGHTS, PLUS.format("DMI-PROHIBITED"))


def site(page, *shown, robots=b"", headers=()):
    """A site that shows `page`, of which these works were asked for: kind, address, body."""
    return Answers({ROBOTS: robots, "/": page.encode()}, headers=headers, works=shown)


def image(body, address="/a.jpg"):
    return "work:image:", address, body


SMALL, LARGE = "/uploads/a-300x200.jpg", "/uploads/a.jpg"
SITES = {
    # The wish is in the picture alone.
    "only.example": site("<img src=/a.jpg>", image(NO)),
    # The header refuses, the picture allows: a contradiction, and no refusal in the work.
    "against.example": site("<img src=/a.jpg>", image(YES), headers=RESERVED),
    # Neither says anything; the sound cannot be read to its end.
    "bare.example": site("<img src=/a.jpg><audio src=/b.flac></audio>", image(BARE),
                         ("work:audio:", "/b.flac", works.flac("TDM-RESERVATION=1")[:60])),
    # A value that was never ratified: tolerant readers see it. All agents are kept out.
    "draft.example": site("<img src=/a.jpg>", image(DRAFT), robots=b"User-agent: *\nDisallow: /\n"),
    # The page is told of a picture that is not there.
    "gone.example": site("<img src=/a.jpg>", image(None)),
    # Works were not asked for.
    "unasked.example": site("<img src=/a.jpg>"),
    # The rendition has lost the wish and kept the notice.
    "lost.example": site(f"<img src={SMALL}>", image(MARKED, SMALL),
                         ("origin:image:", LARGE, BOTH)),
    # Only the rendition came: nothing is known of what it was made from.
    "half.example": site(f"<img src={SMALL}>", image(NO, SMALL), ("origin:image:", LARGE, None)),
}  # fmt: skip
PANEL = "host,creator_type\n" + "".join(
    f"{host},{'poet' if host in {'only.example', 'bare.example'} else ''}\n" for host in SITES
)


def build(path):
    """Survey and judge the sites, with their works."""
    return judged.build(path, {DAY: SITES}, PANEL)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return build(tmp_path_factory.mktemp("works") / "survey.db")


@pytest.fixture(scope="module")
def without(tmp_path_factory):
    """The same sites, surveyed without their works."""
    sites = {host: replace(answers, works=()) for host, answers in SITES.items()}
    return judged.build(tmp_path_factory.mktemp("without") / "survey.db", {DAY: sites})


def shares(path, name):
    with closing(open_database(path)) as connection:
        (found,) = indicator.run(connection, DAY, [name])
    return {row.key: (row.k, row.n) for row in found.rows if row.stratum == "*"}


# Read to the end: only, against, bare's picture, draft, lost, half: six.
VALUES = {
    "per_asset_burden": {
        "any": (2, 6), "kind: image": (2, 6), "creator: poet": (1, 2),  # bare and lost
    },
    "work_wishes": {"any": (4, 6), "kind: image": (4, 6), "creator: poet": (1, 2)},
    # Refusing: only, draft, half; draft's site keeps everybody out.
    "work_only_wishes": {"any": (2, 3), "kind: image": (2, 3), "creator: poet": (1, 1)},
    # With a wish: only, against, draft, half. Draft's wish and rule are of one mind.
    "work_contradictions": {"any": (1, 4), "tdmrep_header": (1, 4)},
    "work_unprotected": {"any": (1, 1), "own": (1, 1)},
    "work_readers": {"any": (3, 4), "plus_data_mining": (3, 4), "set aside": (0, 4)},
    # Half's origin did not come: not counted, and never "stripped".
    "metadata_survival": {
        "wish": (0, 1), "wish: own": (0, 1), "notice": (1, 1), "notice: own": (1, 1),
    },
}  # fmt: skip


@pytest.mark.parametrize("name", INDICATORS)
def test_values_by_hand(path, name):
    assert shares(path, name) == VALUES[name]


@pytest.mark.parametrize("name", INDICATORS)
def test_a_survey_that_asked_for_no_work_has_no_row(without, name):
    assert shares(without, name) == {}


def test_what_a_rendition_came_to_is_stored_with_its_origin(path):
    with closing(open_database(path)) as connection:
        rows = connection.execute(
            "SELECT host, service, wish_fate, notice_fate, origin_capture_id IS NOT NULL"
            " FROM v_works WHERE service IS NOT NULL ORDER BY host"
        ).fetchall()
        whole = dict(connection.execute("SELECT host || kind, whole FROM v_works"))
    assert [tuple(row) for row in rows] == [
        ("half.example", "wordpress", "unknown", "unknown", 1),
        ("lost.example", "wordpress", "lost", "kept", 1),
    ]
    unread = {key for key, is_whole in whole.items() if not is_whole}
    assert unread == {"bare.exampleaudio", "gone.exampleimage"}


# Shares of signals ---------------------------------------------------------------


def signal_rows(path, script=None):
    """By number and key: k and n, of the shares of signals; `script` stands for `_signals.sql`."""
    with closing(open_database(path)) as connection:
        if script is None:
            found = summary.run(connection, DAY)
            return {
                (name, row.key): (row.k, row.n)
                for name in ("signal_share", "signal_unmeasured")
                for row in found[name].rows
                if row.stratum == "*"
            }
    with closing(sqlite3.connect(path)) as connection:
        asked = script.replace(":wave", f"'{DAY}'")
        connection.executescript(asked)
        rows = connection.execute(
            "SELECT signal, sum(sites), sum(asked) FROM signal_asked GROUP BY 1"
        )
        return {signal: (sites, asked) for signal, sites, asked in rows}


def test_shares_are_of_sites_of_which_a_work_was_asked_for_and_read(path):
    rows = signal_rows(path)
    # Read: only, against, draft, lost, half; bare's sound and gone's picture were not. To the
    # letter it is there in three: draft's value is none.
    assert rows["signal_share", "plus_data_mining"] == (3, 5)
    assert rows["signal_unmeasured", "plus_data_mining:unmeasured"] == (2, 8)
    assert rows["signal_unmeasured", "plus_data_mining:unasked"] == (1, 8)


def test_a_survey_without_works_counts_nobody_as_silent(without):
    rows = signal_rows(without)
    for signal in OF_WORKS:
        assert rows.get(("signal_share", signal), (0, 0)) == (0, 0)
        assert rows["signal_unmeasured", f"{signal}:unasked"] == (8, 8)
    with closing(open_database(without)) as connection:
        outcomes = connection.execute(
            "SELECT DISTINCT outcome, whole FROM v_site_signals WHERE signal IN"
            f" ({', '.join('?' * len(OF_WORKS))})", OF_WORKS,
        ).fetchall()  # fmt: skip
    assert [tuple(row) for row in outcomes] == [("unmeasured", 0)]


def test_by_the_rule_of_documents_behind_a_pointer_all_sites_would_be_silent(without):
    """The wrong query is near at hand: a work is found by the page, as a policy is."""
    sound = resources.files("analysis.numbers").joinpath("summary/_signals.sql").read_text("utf-8")
    wrong = sound.replace(" OR resource LIKE 'work:%')", ")")
    assert wrong != sound
    assert {signal_rows(without, sound)[s] for s in OF_WORKS} == {(8, 0)}
    assert {signal_rows(without, wrong)[s] for s in OF_WORKS} == {(8, 8)}


def test_pairs_and_faults_of_works_move_no_number_of_all_sites(path, without):
    for name in ("conflict_rate", "licence_routes"):
        assert shares(path, name) == shares(without, name)
    faults, before = shares(path, "fault_codes"), shares(without, "fault_codes")
    assert {key: told for key, told in faults.items() if not key.startswith("plus_")} == before
    # Of all six sites of which a work was read, draft has the value that was never ratified.
    assert {told[1] for key, told in faults.items() if key.startswith("plus_")} == {6}


def test_a_host_that_is_forgotten_takes_what_was_compared_with_it_along(tmp_path):
    origin = "https://i0.wp.com/there.example/a.jpg"
    there = site(f"<img src={origin}>", image(MARKED, origin),
                 ("origin:image:", "http://there.example/a.jpg", BOTH))  # fmt: skip
    path = judged.build(tmp_path / "survey.db", {DAY: {"here.example": there}})
    with writing(path) as connection:
        told = "SELECT wish, notice, origin_capture_id IS NOT NULL FROM works"
        assert connection.execute(told).fetchall() == [("lost", "kept", 1)]
        forget.forget(connection, "there.example", "asked")
        assert connection.execute("SELECT count(*) FROM works").fetchone() == (0,)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
