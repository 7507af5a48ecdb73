"""Parts of shared jobs: whatever overlaps, whoever died, the merged survey is the whole one."""

import random
import shutil
import sqlite3
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.store.database import StoreError, writing
from crawler.store.join import Merged, Source, merge, plan
from tests.store.test_join import SITES, dump, surveyed  # noqa: F401 - a fixture

HOSTS = [one.host for one in SITES]
VISIT = "(SELECT visit_id FROM visits WHERE site_id = :site)"
OF_A_VISIT = ("judgements", "judgement_captures", "findings", "statements", "defects", "conflicts")


@pytest.fixture(scope="module")
def whole(surveyed):  # noqa: F811
    return surveyed / "whole.db"


def part(whole, path, fate):
    """A worker's database: of each host its visit as it was, one that ended later, one that was
    begun when the worker died, or nothing."""
    shutil.copy(whole, path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE waves SET finished_at = NULL,"
                   " settings = json_set(settings, '$.SURVEY_JOBS', json('true'))")  # fmt: skip
        for site, host in db.execute("SELECT site_id, host FROM sites").fetchall():
            what = fate.get(host, "nothing")
            if what == "later":
                db.execute(
                    "UPDATE visits SET outcome = 'internal_error', reason = 'internal_error',"
                    " finished_at = ? WHERE site_id = ?", (f"2099 {path.name}", site)
                )  # fmt: skip
            elif what != "first":
                _take_out(db, site, begun=what == "begun")


def _take_out(db, site, *, begun):
    db.execute(f"DELETE FROM captures WHERE visit_id = {VISIT}", {"site": site})
    for table in ("attempt_captures", "attempts", "visits"):
        db.execute(f"DELETE FROM {table} WHERE site_id = ?", (site,))
    if begun:
        db.execute(
            "INSERT INTO attempts (wave_id, site_id, attempt, started_at) VALUES (1, ?, 1, 'x')",
            (site,),
        )


def merged(folder, names):
    """Merge some parts in one go."""
    with ExitStack() as stack:
        sources = [Source(folder / n, stack.enter_context(closing(sqlite3.connect(folder / n))))
                   for n in names]  # fmt: skip
        into = stack.enter_context(writing(folder / "all.db"))
        return merge(into, plan(sources))[0]


@st.composite
def fates(draw):
    """For each part, what became of each host; one part at least has each visit as it was."""
    parts = draw(st.integers(2, 4))
    chosen = [{} for _ in range(parts)]
    for host in HOSTS:
        first = draw(st.integers(0, parts - 1))
        for number in range(parts):
            others = ("nothing", "nothing", "later", "begun")
            chosen[number][host] = "first" if number == first else draw(st.sampled_from(others))
    return chosen, draw(st.randoms(use_true_random=False))


def facts(path):
    tables = ("panels", "sites", "panel_sites", "visits", "attempts", "captures", "bodies",
              "headers", "attempt_captures", "exclusions")  # fmt: skip
    found = dump(path)
    return {name: found[name] for name in tables}


@given(fates())
@settings(max_examples=8, deadline=None)
def test_any_overlapping_parts_in_any_order_give_the_whole_survey(whole, chosen):
    parts, chance = chosen
    names = [f"w{n}.db" for n in range(len(parts))]
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path)
        for name, fate in zip(names, parts, strict=True):
            part(whole, folder / name, fate)
        order = chance.sample(names, len(names))
        cut = chance.randint(1, len(order))
        done = [merged(folder, some) for some in (order[:cut], order[cut:]) if some]
        assert facts(folder / "all.db") == facts(whole)
        later = sum(fate == "later" for fates in parts for fate in fates.values())
        assert sum(each.twice for each in done) == later
        with closing(sqlite3.connect(folder / "all.db")) as db:
            assert db.execute("SELECT finished_at IS NULL FROM waves").fetchone() == (0,)
        again = merged(folder, random.Random(1).sample(names, len(names)))
        assert again == Merged("w", 0, len(HOSTS), later)


def test_sites_that_nobody_visited_are_counted(whole, tmp_path):
    fate = dict.fromkeys(HOSTS[:3], "first")
    part(whole, tmp_path / "a.db", fate | {HOSTS[3]: "begun"})
    part(whole, tmp_path / "b.db", dict.fromkeys(HOSTS[2:5], "later"))
    with (
        closing(sqlite3.connect(tmp_path / "a.db")) as a,
        closing(sqlite3.connect(tmp_path / "b.db")) as b,
    ):
        sources = [Source(tmp_path / "a.db", a), Source(tmp_path / "b.db", b)]
        (found,) = plan(sources)
        left = len(HOSTS) - 5
        assert found.lacking == (f"{left} sites of the panel have no visit in any of the parts",)
        a.execute("UPDATE waves SET plan_ruleset = 99")
        with pytest.raises(StoreError, match="the ruleset is"):
            plan(sources)
        a.execute("UPDATE waves SET plan_ruleset = (SELECT max(ruleset) FROM rulesets)")
        a.execute("UPDATE waves SET settings = json_remove(settings, '$.SURVEY_JOBS')")
        a.execute("UPDATE waves SET settings = json_set(settings, '$.SURVEY_SHARD', '1/1')")
        with pytest.raises(StoreError, match="name each shard once"):
            plan(sources)
