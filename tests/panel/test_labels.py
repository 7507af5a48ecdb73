"""Published labels as their publishers write them; what is unknown is no label."""

import json

import pytest

from crawler.panel.published import ImportingError, LabelFormat, labels


def test_a_column_an_agent(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text(
        "Website,rank,GPTBot,CCBot\nA.example,1,True,0\nb.example,2,blocked,\nnot a host,1,1,1\n"
    )
    assert labels(path, LabelFormat.AGENTS_CSV) == {
        "a.example": {"GPTBot": True, "CCBot": False}, "b.example": {"GPTBot": True},
    }  # fmt: skip


def test_a_row_a_blocked_agent(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("Date,Website,Disallowed Bot\nx,a.example,CCBot\nx,b.example,GPTBot\n")
    assert labels(path, LabelFormat.PAIRS_CSV) == {
        "a.example": {"CCBot": True, "GPTBot": False},
        "b.example": {"CCBot": False, "GPTBot": True},
    }


def test_the_ways_of_json(tmp_path):
    told = {
        "bots": {"domain": "a.example", "specificBots": [
            {"name": "GPTBot", "allowed": True}, {"name": "GPTBot", "allowed": False},
            {"name": "CCBot", "allowed": True}, {"name": "x", "allowed": "?"}, 7,
        ]},
        "words": {"domains": [
            {"domain": "b.example", "agenten": {"GPTBot": "blockiert", "CCBot": "unbekannt"}}, 7,
        ]},
        "breakdown": [{"domain": "c.example", "breakdown": {"gptbot": True, "ccbot": False}}],
        "older": {"domain": "d.example", "bots": [{"name": "*", "allowed": False}]},
    }  # fmt: skip
    for name, document in told.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    assert labels(tmp_path, LabelFormat.DOMAIN_JSON) == {
        "a.example": {"GPTBot": True, "CCBot": False},
        "b.example": {"GPTBot": True},
        "c.example": {"gptbot": True, "ccbot": False},
        "d.example": {"*": True},
    }


@pytest.mark.parametrize(
    ("form", "content", "words"),
    [
        (LabelFormat.AGENTS_CSV, "a,b\n1,2\n", "no column of Website"),
        (LabelFormat.AGENTS_CSV, "host\n", "no label"),
        (LabelFormat.AGENTS_CSV, "host,rank\na.example,7\n", "no label"),
        (LabelFormat.PAIRS_CSV, "host,b\na.example,2\n", "no column of Disallowed Bot"),
        (LabelFormat.PAIRS_CSV, f"host,agent\na.example,{'x' * 200_000}\n", "line 1: field larger"),
        (LabelFormat.DOMAIN_JSON, "{", "not JSON"),
        (LabelFormat.DOMAIN_JSON, '{"domain": "a.example"}', "no label"),
    ],
)
def test_another_file_is_refused(form, content, words, tmp_path):
    path = tmp_path / "file"
    path.write_text(content)
    with pytest.raises(ImportingError, match=words):
        labels(path, form)
