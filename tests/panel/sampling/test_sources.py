"""Lists of creators in every form they come in: what is kept, and where each fault is."""

import hashlib
import json
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.panel.reading import PanelError
from crawler.panel.sampling import sources
from crawler.panel.sampling.sources import (
    Entry,
    Kind,
    files,
    read,
    read_expected,
    read_ranks,
)
from crawler.registry import sectors

SPARQL = {
    "head": {"vars": ["person", "website", "occupationLabel", "occupation", "countryCode"]},
    "results": {
        "bindings": [
            {
                "person": {"type": "uri", "value": "http://www.wikidata.org/entity/Q1"},
                "website": {"type": "uri", "value": "https://a.example/"},
                "occupation": {"type": "uri", "value": "http://www.wikidata.org/entity/Q1028181"},
                "countryCode": {"type": "literal", "value": "GB"},
            },
            {"website": {"type": "uri", "value": "http://www.b.example/me"}},
        ]
    },
}

FORMS = {
    "list.csv": "website,occupation,country\na.example,painter,uk\nwww.b.example/me,,\n",
    "bom.csv": '\ufeff"Web-Site",Creator Type,ISO\r\n"a.example","painter",gb\r\nb.example,,\r\n',
    "plain.txt": "# ours\na.example\n\nb.example\n",
    "header.txt": "URL\na.example\nb.example\n",
    "ranks.csv": "1,a.example\n2,b.example\n",
    "list.json": '[{"url": "a.example", "occupation": "painter"},\n {"url": "b.example"}]',
    "held.json": '{"creators": [{"url": "a.example", "rank": 4}, {"url": "b.example"}]}',
    "sparql.srj": json.dumps(SPARQL, indent=1),
    "lines.ndjson": '{"url": "a.example"}\n\n{"url": "b.example", "size": null}\n',
}


def reading(tmp_path, content, name="list.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(path, sectors.load())


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_both_creators(tmp_path, name):
    found = reading(tmp_path, FORMS[name], name)
    assert [e.host.removeprefix("www.") for e in found.entries] == ["a.example", "b.example"]
    assert (found.dropped, found.source.rows) == ((), 2)
    assert found.source.sha256 == hashlib.sha256(FORMS[name].encode()).hexdigest()


def test_all_that_is_said_reaches_the_entry(tmp_path):
    found = reading(
        tmp_path,
        "host,sector,occupation,country,region,size,rank,owner,platform,name,Name of agent\n"
        "https://A.example:443/x/y?z,Photography,painter,uk,Wales,small,9,Acme,wix,Jo,Al\n",
    )
    assert found.entries == (
        Entry("list.csv", 2, "a.example", "x", "screen", "painter", "GB", "Wales", "small", 9,
              "Acme", "wix"),
    )  # fmt: skip
    assert found.source.unused == ("Name of agent", "name")


def test_wikidata_results_need_no_editing(tmp_path):
    found = reading(tmp_path, FORMS["sparql.srj"], "sparql.json")
    assert found.entries == (
        Entry("sparql.json", 13, "a.example", "", "arts", "Q1028181", "GB"),
        Entry("sparql.json", 31, "www.b.example", "me"),
    )
    assert found.source.unused == ("person",)


def test_the_best_column_that_says_something_counts(tmp_path):
    found = reading(
        tmp_path,
        "url,website,occupation,occupationLabel,sector\n"
        ",b.example,Q33231,,beekeeping\nc.example,d.example,Q33231,maler,\ne.example,,bee,,\n",
    )
    assert [(e.host, e.sector, e.occupation) for e in found.entries] == [
        ("b.example", "screen", "Q33231"),
        ("c.example", "screen", "maler"),
        ("e.example", None, "bee"),
    ]
    assert found.source.unmapped == {"bee": 1}


def test_several_addresses_of_one_creator_are_rows_of_one_owner(tmp_path):
    rows = [
        {"urls": ["z.example", "nowhere", "a.example"], "rank": 3},
        {"urls": ["c.example", "d.example"], "owner": "Acme"},
        {"urls": []},
        {"urls": ["x.example"] * 101},
    ]
    found = reading(tmp_path, json.dumps(rows), "list.json")
    assert [(e.host, e.owner) for e in found.entries] == [
        ("z.example", "a.example"), ("a.example", "a.example"),
        ("c.example", "Acme"), ("d.example", "Acme"),
    ]  # fmt: skip
    assert [d.reason.split(":")[0] for d in found.dropped] == [
        "a single word", "no host name", "over 100 web addresses of one creator",
    ]  # fmt: skip
    assert found.source.rows == 7


FAULTS = [
    ("a.example,GB", "2 cells where 4 are expected"),
    ('"a.example,GB,1,x', "not a CSV row"),
    ("127.0.0.1,GB,1,x", "an IP address"),
    ("ftp://a.example,GB,1,x", "not a web address"),
    (",GB,1,x", "no host name"),
    ("a\0.example,GB,1,x", "a NUL byte"),
    ("co.uk,GB,1,x", "a public suffix"),
    ("a.example,GB,first,x", "rank is not a positive whole number"),
    ("a.example,GB,1," + "x" * 201, "size: longer than 200 characters"),
    ("x" * 70_000, "a line over 65536 bytes"),
]


@pytest.mark.parametrize(("row", "reason"), FAULTS)
def test_a_bad_row_is_dropped_with_its_place_and_the_others_stay(tmp_path, row, reason):
    found = reading(tmp_path, f"host,country,rank,size\ngood.example,,,\n{row}\nfine.example,,,\n")
    assert [e.host for e in found.entries] == ["good.example", "fine.example"]
    (dropped,) = found.dropped
    assert (dropped.source, dropped.line, dropped.kind) == ("list.csv", 3, Kind.UNREADABLE)
    assert dropped.reason.startswith(reason)
    assert len(dropped.text) <= 200


def test_what_would_act_in_a_terminal_is_written_out(tmp_path):
    found = reading(tmp_path, "host,\x1b[31mred\n\x1b]52;c;x\x07,1\n")
    assert found.dropped[0].text == r"\x1b]52;c;x\x07,1"
    assert found.source.unused == (r"\x1b[31mred",)


NDJSON_FAULTS = [
    ("[1]", "not an object"),
    ('{"url": ', "not readable JSON"),
    ("[" * 60_000, "not readable JSON"),
    ('{"url": true}', "host: neither a text nor a number"),
    ('{"url": "a.example", "size": [1]}', "size: neither a text nor a number"),
    ('"' + "x" * 70_000 + '"', "a line over 65536 bytes"),
    ('{"name": "nobody"}', "no host name"),
]


@pytest.mark.parametrize(("row", "reason"), NDJSON_FAULTS)
def test_a_bad_line_of_ndjson_is_dropped(tmp_path, row, reason):
    found = reading(tmp_path, f'{{"url": "a.example"}}\n{row}\n', "list.ndjson")
    assert [(d.line, d.reason.startswith(reason)) for d in found.dropped] == [(2, True)]


def test_an_item_of_a_json_list_that_is_no_creator_is_dropped(tmp_path):
    found = reading(tmp_path, '[{"url": "a.example"},\n\n 7]\n', "list.json")
    assert [(d.line, d.reason, d.text) for d in found.dropped] == [(3, "not an object", "7")]


UNUSABLE = [
    ("list.csv", "name,town\nx,y\n", "list.csv:1: no column with a web address: begin"),
    ("list.csv", "host;rank\n", "list.csv:1: separated by semicolons or tabs"),
    ("list.csv", "host\trank\n", "list.csv:1: separated by semicolons or tabs"),
    ("list.csv", "host,a,A\n", "list.csv:1: a column is there twice"),
    ("list.csv", "host," + "x" * 70_000, "list.csv:1: a line over"),
    ("list.csv", "host\n", "list.csv:1: no row in it"),
    ("list.csv", "host\n".encode("utf-16"), "list.csv:1: UTF-16"),
    ("list.json", "[]".encode("utf-16"), "list.json: UTF-16"),
    ("list.json", "[]", "list.json:1: no row in it"),
    ("list.json", "[ ", "list.json:1: not readable JSON"),
    ("list.json", '[{"url": "a.example"}\n', "list.json:1: the list does not go on"),
    ("list.json", '[{"url": "a.example"},\n{"url": ', "list.json:2: not readable JSON"),
    ("list.json", "[" * 200_000, "list.json:1: not readable JSON"),
    ("list.json", '{"url": "a.example"}\n{"url"', "list.json:1: neither a list .* NDJSON"),
    ("list.json", '{"a": [{"url": "a.example"}], "b": [1]}', "more than one list in it"),
    ("list.json", b"[\xff]", "list.json:1: not readable JSON"),
]


@pytest.mark.parametrize(("name", "content", "message"), UNUSABLE)
def test_an_unusable_file_is_refused_with_place_and_remedy(tmp_path, name, content, message):
    with pytest.raises(PanelError, match=message):
        reading(tmp_path, content, name)


def test_a_document_too_large_for_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_JSON", 20)
    with pytest.raises(PanelError, match="over 20 bytes: save it as NDJSON"):
        reading(tmp_path, FORMS["list.json"], "list.json")


def test_a_folder_stands_for_the_lists_in_it(tmp_path):
    for name in ("b.csv", "a.json", "readme.md"):
        (tmp_path / name).write_text("x")
    assert [path.name for path in files([tmp_path])] == ["a.json", "b.csv"]
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(PanelError, match="no list in this folder"):
        files([other])
    (other / "b.csv").write_text("x")
    with pytest.raises(PanelError, match=r"b.csv: two inputs of this name"):
        files([tmp_path, other])


NO_COUNTRY = [
    "country is a Wikidata item: ask for its code too (?country wdt:P297 ?countryCode)",
    "country is not two letters (ISO 3166-1): correct it or leave it empty",
    "country: longer than 200 characters: shorten it",
    "country: neither a text nor a number",
]


def test_a_country_that_cannot_be_read_costs_no_site(tmp_path):
    said = ["Q145", "http://www.wikidata.org/entity/Q145", "Britain", "x" * 201, [1],
            "🇬🇧", "http://www.wikidata.org/.well-known/genid/1f", "uk"]  # fmt: skip
    rows = [{"url": f"{n}.example", "country": country} for n, country in enumerate(said)]
    rows.append({"url": "8.example", "country": "Q145", "countryCode": "gb"})
    rows.append({"url": "9.example", "countryCode": "Britain", "country": "GB"})
    found = reading(tmp_path, json.dumps(rows), "list.json")
    assert [entry.country for entry in found.entries] == [
        None, None, None, None, None, "GB", None, "GB", "GB", "GB"
    ]  # fmt: skip
    assert found.dropped == ()
    assert list(found.source.no_country.items()) == list(zip(NO_COUNTRY, (2, 1, 1, 1), strict=True))


def test_every_address_of_a_cell_is_a_row(tmp_path):
    rows = "host,occupation\n" + "".join(
        f'"https://{n}-one.example/{gap}https://{n}-two.example/",poet\n'
        for n, gap in enumerate([" ", "|", " | ", ";", "; ", ",", "\t", ""])
    )
    found = reading(tmp_path, rows)
    assert [entry.host for entry in found.entries] == [
        f"{n}-{one}.example" for n in range(8) for one in ("one", "two")
    ]
    assert {entry.owner for entry in found.entries} == {f"{n}-one.example" for n in range(8)}
    assert (found.dropped, found.source.rows) == ((), 16)


def test_a_cell_may_go_on_in_the_next_lines(tmp_path):
    found = reading(
        tmp_path,
        'host,rank\n"https://a.example/\nhttps://b.example/\n",7\nc.example,\n'
        '"d.example,\n"e.example",1\nf.example,\n"g.example,\n' + "x\n" * 30 + '"h.example\n',
    )
    assert [(e.host, e.line) for e in found.entries] == [
        ("a.example", 2), ("b.example", 2), ("c.example", 5), ("e.example", 7), ("f.example", 8),
    ]  # fmt: skip
    assert [d.line for d in found.dropped] == [6, *range(9, 41)]
    assert found.source.rows == 5 + 33
    broken = reading(tmp_path, b'host\n"a.example\n\xff"\n"b.example\n' + b"x" * 70_000 + b'"\n')
    assert [d.line for d in broken.dropped] == [2, 3, 4, 5]


def test_words_beside_an_address_are_a_row_that_is_told(tmp_path):
    found = reading(tmp_path, 'host,rank\n"https://a.example/ (closed) b.example",\n')
    assert [entry.host for entry in found.entries] == ["a.example", "b.example"]
    assert [(d.line, d.reason) for d in found.dropped] == [
        (2, "words beside an address ((closed)): write the address alone")
    ]
    assert found.source.rows == 3


def test_an_unknown_value_is_no_address_and_no_word(tmp_path):
    genid = "http://www.wikidata.org/.well-known/genid/5d41402abc4b2a76"
    bnode = {"type": "bnode", "value": "t1"}
    rows = [
        {"website": {"type": "uri", "value": "https://a.example"}, "occupation": bnode},
        {"website": {"type": "uri", "value": "https://b.example"}, "owner": genid},
        {"website": bnode},
        {"website": genid},
    ]
    found = reading(tmp_path, json.dumps(rows), "list.json")
    assert [(e.host, e.occupation, e.owner) for e in found.entries] == [
        ("a.example", None, None), ("b.example", None, None),
    ]  # fmt: skip
    assert {d.reason for d in found.dropped} == {
        "an unknown value of Wikidata (genid): no address is known"
    }
    assert found.source.rows == 4


@pytest.mark.parametrize("bad", [b"caf\xe9", b"a\0b"])
@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("l.csv", b"host,owner\na.example,x\nb.example,%s\nc.example,\n"),
        ("l.json", b'[{"url": "a.example"}, {"url": "b.example", "owner": "%s"},'
                   b' {"url": "c.example"}]'),
        ("l.ndjson", b'{"url": "a.example"}\n{"url": "b.example", "owner": "%s"}\n'
                     b'{"url": "c.example"}\n'),
    ],
)  # fmt: skip
def test_a_bad_byte_costs_its_row_and_not_the_file(tmp_path, name, form, bad):
    found = reading(tmp_path, form % bad, name)
    assert [entry.host for entry in found.entries] == ["a.example", "c.example"]
    (dropped,) = found.dropped
    assert dropped.reason.endswith("save the list as UTF-8 text")
    assert "b.example" in dropped.text


def test_only_wanted_ranks_are_kept(tmp_path):
    path = tmp_path / "ranks.csv"
    path.write_text("1,x.example\n5,A.example\n3,a.example\n\n")
    ranks, digest = read_ranks(path, {"a.example", "b.example"})
    assert ranks == {"a.example": 3}
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(b"1,x.example\n2,\xff.example\n")
    with pytest.raises(PanelError, match=r"ranks.csv:2: not UTF-8"):
        read_ranks(path, {"a.example"})
    path.write_text("1,x.example\nrank,host\n")
    with pytest.raises(PanelError, match=r"ranks.csv:2: not `rank,host`"):
        read_ranks(path, {"a.example"})


def test_expected_shares_are_read_exactly(tmp_path):
    path = tmp_path / "shares.csv"
    path.write_text('stratum,share\narts / own,0.3\n"a, b",1.0\n\nc,0\n')
    shares, digest = read_expected(path)
    assert shares == {"arts / own": Fraction(3, 10), "a, b": 1, "c": 0}
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("row", ["x,1.1", "x,-1", "x,nan", "x", "x,1e-1", "x,0.5,y", "x,"])
def test_a_share_that_is_none_is_refused_with_its_line(tmp_path, row):
    path = tmp_path / "shares.csv"
    path.write_text(f"stratum,share\ny,0.5\n{row}\n")
    with pytest.raises(PanelError, match=r"shares.csv:3: not `stratum,share`"):
        read_expected(path)


@settings(
    deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(["x.csv", "x.json", "x.ndjson"]),
    st.one_of(
        st.binary(max_size=200),
        st.text('host,ab.é"[]{}:\n\r1 \\u/d8', max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["url", "size", "rank", "value"]), inner, max_size=3
                )
            ),
            max_leaves=8,
        ).map(lambda value: json.dumps([value])),
    ),
)
def test_any_file_is_rows_that_add_up_or_a_panel_error(tmp_path, name, content):
    try:
        found = reading(tmp_path, content, name)
    except PanelError:
        return
    assert found.source.rows == len(found.entries) + len(found.dropped)
    assert all(d.text.isprintable() and len(d.text) <= 200 for d in found.dropped)
