"""A panel file becomes sites, and every row that is none is counted, quoted and explained."""

import hashlib
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.hosts import suffix_list_date
from crawler.model import Site
from crawler.panel import reading as panels
from crawler.panel.reading import Panel, PanelError, read


def written(tmp_path: Path, content: str | bytes, name: str = "panel.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def hosts(panel: Panel) -> list[str]:
    return [site.host for site in panel.sites]


FORMATS = {
    "CSV": "host,rank\na.org,1\nb.org,2\n",
    "CSV of one column": "host\na.org\nb.org\n",
    "CSV with BOM and CRLF": "\ufeffhost,note\r\na.org,x\r\nb.org,y\r\n",
    "CSV quoted, header in capitals": '"HOST", Note\n"a.org","x, y"\n"b.org",""\n',
    "plain list": "a.org\nb.org\n",
    "plain list with comments": "# ours\n\na.org\n  \n# more\nb.org",
    "plain list with BOM": "\ufeffa.org\nb.org\n",
    "rank,domain": "1,a.org\n2,b.org\n",
    "rank,domain with CRLF": "1,a.org\r\n2,b.org\r\n",
}


@pytest.mark.parametrize("content", FORMATS.values(), ids=FORMATS.keys())
def test_every_format_gives_the_same_two_sites(tmp_path: Path, content: str) -> None:
    panel = read(written(tmp_path, content))
    assert hosts(panel) == ["a.org", "b.org"]
    assert (panel.rows_read, panel.rejections, panel.duplicates) == (2, (), ())


def test_all_columns_reach_the_site(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "host,stratum,sector,creator_type,country,platform,rank,weight,cluster,note\n"
        'https://me.github.io/,top,news,press,de,wix,7,0.5,c1,"a, b"\n'
        "plain.org,,,,,,,,,\n",
    )
    assert read(path).sites == (
        Site(
            host="me.github.io",
            registrable_domain="github.io",
            registrable_domain_private="me.github.io",
            stratum="top",
            sector="news",
            creator_type="press",
            country="DE",
            platform="wix",
            rank=7,
            weight=0.5,
            cluster="c1",
            note="a, b",
            line=2,
        ),
        Site("plain.org", "plain.org", "plain.org", line=3),
    )


def test_rank_domain_lists_keep_the_rank(tmp_path: Path) -> None:
    assert [site.rank for site in read(written(tmp_path, "5,a.org\n9,b.org\n")).sites] == [5, 9]


def test_panel_is_identified_by_its_bytes(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf# head\r\na.org\r\n" + b"x" * 200_000 + b"\nb.org"
    panel = read(written(tmp_path, content, "artists.txt"))
    assert panel.sha256 == hashlib.sha256(content).hexdigest()
    assert panel.name == "artists"
    assert panel.suffix_list == suffix_list_date()
    assert hosts(panel) == ["a.org", "b.org"]


def test_duplicates_across_spellings_name_the_first_line(tmp_path: Path) -> None:
    panel = read(
        written(
            tmp_path,
            "münchen.de\nXN--MNCHEN-3YA.DE\nmu\u0308nchen.de\na.org\nhttps://A.org.:443/\nwww.a.org\n",
        )
    )
    assert hosts(panel) == ["xn--mnchen-3ya.de", "a.org", "www.a.org"]
    assert [(d.line, d.problem) for d in panel.duplicates] == [
        (2, "xn--mnchen-3ya.de: already on line 1"),
        (3, "xn--mnchen-3ya.de: already on line 1"),
        (5, "a.org: already on line 4"),
    ]
    assert panel.rows_read == 6


DIRTY = """host,country,rank,weight
good.org,de,1,2.5
,de,1,1
a.org,de
b.org,Germany,1,1
c.org,de,0,1
d.org,de,1.5,1
e.org,de,1,nan
f.org,de,1,-1
g.org,de,1,1e999
h.org,de,1,0
"i.org,de,1,1
127.0.0.1,de,1,1
j.org,🇩🇪,1,1
k\u202e\x1b[31m.org,de,1,1
GOOD.org.,fr,9,9
last.org,it,٣,1
fine.org,,,
"""


def test_dirty_panel_keeps_the_good_rows_and_explains_every_bad_one(tmp_path: Path) -> None:
    panel = read(written(tmp_path, DIRTY))
    assert hosts(panel) == ["good.org", "b.org", "j.org", "fine.org"]
    assert [site.country for site in panel.sites] == ["DE", None, "DE", None]
    assert [(n.line, n.text, n.problem[:26]) for n in panel.notes] == [
        (5, "Germany", "country is not two letters"),
    ]
    assert [(r.line, r.problem.split(":")[0][:24]) for r in panel.rejections] == [
        (3, "no host name"),
        (4, "2 cells where 4 are expe"),
        (6, "rank is not a positive w"),
        (7, "rank is not a positive w"),
        (8, "weight is not a positive"),
        (9, "weight is not a positive"),
        (10, "weight is not a positive"),
        (11, "weight is not a positive"),
        (12, "not a CSV row (unexpecte"),
        (13, "an IP address, or a numb"),
        (15, "the invisible or directi"),
        (17, "rank is not a positive w"),
    ]
    assert [d.line for d in panel.duplicates] == [16]
    assert panel.rows_read == 4 + 12 + 1
    assert panel.rejections[10].text == r"k\u202e\x1b[31m.org,de,1,1"


SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    ("text", "country"),
    [("gb", "GB"), ("🇫🇷", "FR"), (SCOTLAND, "GB"),
     ("🇫", None), ("🏴", None), ("FRA", None), ("France", None), ("🇫R", None)],
)  # fmt: skip
def test_a_flag_is_a_country_and_what_is_none_costs_no_site(tmp_path, text, country):
    panel = read(written(tmp_path, f"host,country\na.org,{text}\n"))
    assert [(site.host, site.country) for site in panel.sites] == [("a.org", country)]
    assert len(panel.notes) == (country is None)


def test_an_address_that_stands_for_another_is_no_site(tmp_path):
    path = written(tmp_path, "a.org\nhttps://web.archive.org/web/2015/http://b.org/\nbit.ly/x\n")
    assert [r.problem for r in read(path).rejections] == [
        "an archived or translated copy: write the address of the site itself",
        "a short link: write the address that it leads to",
    ]


@pytest.mark.parametrize("host", ["com.au", "co.uk", "uk", "gov.uk", "xn--p1ai"])
def test_a_public_suffix_is_nobodys_site(tmp_path, host):
    panel = read(written(tmp_path, f"a.org\n{host}\ngithub.io\n"))
    assert hosts(panel) == ["a.org", "github.io"]
    assert panel.rejections[0].problem.split(":")[0] in {"a public suffix", "a single word"}


@pytest.mark.parametrize("bad", [b"\0", b"b\0.org", b"\xff", b"caf\xe9.org"])
@pytest.mark.parametrize("head", [b"", b"host\n"])
def test_a_bad_byte_costs_its_row_and_not_the_file(tmp_path, head, bad):
    for lines in ((b"a.org", bad, b"c.org"), (bad, b"a.org", b"c.org")):
        panel = read(written(tmp_path, head + b"\n".join(lines)))
        assert hosts(panel) == ["a.org", "c.org"]
        assert panel.rejections[0].problem in {
            "a NUL byte: save the list as UTF-8 text", "not UTF-8: save the list as UTF-8 text",
        }  # fmt: skip
        assert panel.rows_read == 3


def test_strict_refuses_the_panel_and_lists_the_first_twenty_rows(tmp_path: Path) -> None:
    path = written(tmp_path, "a.org\n" + "bad_row\n" * 30)
    with pytest.raises(PanelError) as caught:
        read(path, strict=True)
    message = str(caught.value)
    assert "30 unusable rows" in message
    assert f"{path}:2: an underscore" in message
    assert message.count("bad_row") == 20
    assert len(read(path).rejections) == 30


def test_strict_accepts_a_clean_panel_with_duplicates(tmp_path: Path) -> None:
    assert len(read(written(tmp_path, "a.org\nA.org\n"), strict=True).duplicates) == 1


UNUSABLE = {
    "empty": (b"", "panel.csv:1: no row in it"),
    "only comments": (b"# nothing\n\n", "panel.csv:1: no row in it"),
    "only a header": (b"host,note\n", "panel.csv:1: no row in it"),
    "only bad rows": (b"domain\n", r"1 unusable rows.*\n.*panel.csv:1: a single word"),
    "binary": (b"host\n\x00\x01", "panel.csv:2: a NUL byte: save"),
    "UTF-16": ("a.org\n".encode("utf-16"), "panel.csv:1: UTF-16: save"),
    "Latin-1": ("host\nmünchen.de\n".encode("latin-1"), "panel.csv:2: not UTF-8: save"),
    "semicolons": (b"host;rank\na.org;1\n", "panel.csv:1: separated by semicolons or tabs"),
    "tabs": (b"host\trank\n", "panel.csv:1: separated by semicolons or tabs"),
    "unknown column": (b"host,colour\n", "panel.csv:1: unknown column 'colour': .*known are host,"),
    "no host column": (b"domain,rank\n", "panel.csv:1: no column `host`: .*known are host,"),
    "CSV without a header": (b"a.org,news\n", "panel.csv:1: no column `host`"),
    "column twice": (b"host,note,NOTE\n", "panel.csv:1: a column is there twice"),
}


@pytest.mark.parametrize(("content", "message"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_unusable_file_is_refused_with_place_and_remedy(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(PanelError, match=message):
        read(written(tmp_path, content))


def test_missing_file_and_directory_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PanelError, match=r"none\.csv: no such file: name a panel file"):
        read(tmp_path / "none.csv")
    with pytest.raises(PanelError, match="not a regular file"):
        read(tmp_path)


def test_file_that_cannot_be_opened_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "a.org\n")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PanelError, match=r"cannot be opened: Permission denied"):
        read(path)


@pytest.mark.parametrize("head", [b"", b"a.org\n"], ids=["first line", "later line"])
def test_huge_single_line_takes_bounded_memory(tmp_path: Path, head: bytes) -> None:
    path = written(tmp_path, head + b"x" * 20_000_000)
    tracemalloc.start()
    try:
        if head:
            panel = read(path)
            assert panel.rejections[0].problem.startswith("a line over 65536 bytes")
            assert len(panel.rejections[0].text) == 200
        else:
            with pytest.raises(PanelError, match=r"panel.csv:1: a line over 65536 bytes: write"):
                read(path)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_overlong_line_may_be_cut_inside_a_character(tmp_path: Path) -> None:
    panel = read(written(tmp_path, "a.org\nx" + "ü" * 100_000 + "\nb.org\n"))
    assert hosts(panel) == ["a.org", "b.org"]
    assert [r.line for r in panel.rejections] == [2]


def test_file_of_nothing_but_rubbish_stops_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panels, "MAX_REFUSALS", 5)
    with pytest.raises(PanelError, match="6 unusable rows"):
        read(written(tmp_path, "a.org\n" + "rubbish\n" * 100))


def test_metadata_beside_the_panel_is_read(tmp_path: Path) -> None:
    written(
        tmp_path,
        'name = "Comics"\nsource = "s"\nlicence = "CC0-1.0"\n'
        'inclusion_rules = "r"\ndate = 2026-11-21\nnotes = "n"\n',
        "panel.meta.toml",
    )
    panel = read(written(tmp_path, "a.org\n"))
    told = panel.metadata
    assert (panel.name, told.source, told.licence) == ("Comics", "s", "CC0-1.0")
    assert (told.inclusion_rules, told.date) == ("r", "2026-11-21")
    assert panel.metadata.notes == "n"


def test_absent_metadata_says_nothing(tmp_path: Path) -> None:
    panel = read(written(tmp_path, "a.org\n"))
    told = panel.metadata
    assert (told.source, told.licence, told.inclusion_rules) == (None, None, None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'license = "x"', "panel.meta.toml: unknown key 'license'; known are name, source"),
        (b"name = 1", "panel.meta.toml: name: write a text"),
        (b"name = ", "panel.meta.toml: not a readable TOML file"),
        (b'name = "\xff"', "panel.meta.toml: not a readable TOML file"),
    ],
)
def test_faulty_metadata_is_refused_with_the_place(
    tmp_path: Path, content: bytes, message: str
) -> None:
    written(tmp_path, content, "panel.meta.toml")
    with pytest.raises(PanelError, match=message):
        read(written(tmp_path, "a.org\n"))


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.one_of(st.binary(max_size=200), st.text('ab.,"#\n\r1é \t_;:/', max_size=200)))
def test_any_file_is_a_panel_whose_rows_add_up_or_a_panel_error(
    tmp_path: Path, content: str | bytes
) -> None:
    try:
        panel = read(written(tmp_path, content))
    except PanelError:
        return
    assert panel.rows_read == len(panel.sites) + len(panel.rejections) + len(panel.duplicates)
    assert all(row.text.isprintable() and len(row.text) <= 200 for row in panel.rejections)
    lines = [site.line for site in panel.sites]
    assert len(set(hosts(panel))) == len(lines)


def test_a_file_that_repeats_itself_without_end_is_no_panel(tmp_path, monkeypatch):
    monkeypatch.setattr(panels, "MAX_REFUSALS", 5)
    path = tmp_path / "panel.csv"
    path.write_text("host\n" + "a.example\n" * 8)
    with pytest.raises(panels.PanelError, match="already on line 2"):
        panels.read(path)


def test_a_folder_is_no_panel(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(panels.PanelError, match="not a regular file"):
        panels.read(Path())
