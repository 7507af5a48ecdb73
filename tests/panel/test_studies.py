"""What others measured: each format in its makers' words; bad files named with file and line."""

import csv
import io
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.panel.studies import (
    DIRECTIVES,
    MAX_FILE,
    Probe,
    ProbeClass,
    Rate,
    StudyError,
    StudyFormat,
    parse,
)

CSV, JSONL = StudyFormat.PROBES_CSV, StudyFormat.PROBES_JSONL
VERDICTS, RATES = StudyFormat.VERDICTS_CSV, StudyFormat.RATES_CSV


def read(text: str, form: StudyFormat):
    return parse(text.encode(), form, "file")


def test_a_line_of_json_for_each_name_with_the_browser_as_control():
    lines = [
        {"domain": "a.example", "ua_label": "gptbot", "status": 403, "class": "blocked",
         "final_url": "https://a.example/"},
        {"domain": "a.example", "ua_label": "browser", "status": 200, "class": "ok"},
        {"domain": "b.example", "ua_label": "meta-externalagent", "status": None,
         "class": "error", "error": "timed out"},
        {"domain": "a.example", "ua_label": "ccbot", "status": 402, "class": "blocked-payment"},
    ]  # fmt: skip
    study = read("\n".join(map(json.dumps, lines)) + "\n\n", JSONL)
    assert study.probes == (
        Probe("a.example", "GPTBot", ProbeClass.REFUSED, ProbeClass.OK, 403, 1),
        Probe("b.example", "meta-externalagent", ProbeClass.ERROR, None, None, 3),
        Probe("a.example", "CCBot", ProbeClass.PAYMENT, ProbeClass.OK, 402, 4),
    )
    assert (study.unanswered, study.rates) == (0, ())


def test_a_column_of_controls():
    text = "host,agent,class,control,status\nA.example.,GPTBot,challenge,ok,403\nb.example,x,ok,,\n"
    assert read("\ufeff" + text, CSV).probes == (
        Probe("a.example", "GPTBot", ProbeClass.CHALLENGE, ProbeClass.OK, 403, 2),
        Probe("b.example", "x", ProbeClass.OK, None, None, 3),
    )


def test_what_is_told_twice_alike_is_told_once():
    text = "host,agent,class\na.example,x,ok\na.example,browser,ok\na.example,X,ok\n"
    assert read(text + "a.example,control,ok\n", CSV).probes == (
        Probe("a.example", "x", ProbeClass.OK, ProbeClass.OK, None, 2),
    )


def test_a_status_in_no_class_is_an_error():
    (probe,) = read("host,agent,class\na.example,x,other-404\n", CSV).probes
    assert probe.came is ProbeClass.ERROR


def test_what_was_not_asked_at_the_door_is_no_answer_there():
    text = (
        "host,agent,verdict\na.example,GPTBot,disallow\nb.example,GPTBot,unknown\n"
        "c.example,GPTBot,pay\nd.example,GPTBot,allow\ne.example,GPTBot,refuse\n"
    )
    study = read(text, VERDICTS)
    assert [probe.came for probe in study.probes] == [
        ProbeClass.PAYMENT, ProbeClass.OK, ProbeClass.REFUSED,
    ]  # fmt: skip
    assert study.unanswered == 2


def test_rates():
    text = "agent,directive,obeyed,n,traffic\ngptbot,disallow,9,10,0.5\nOdd,crawl-delay,0,3,\n"
    assert read(text, RATES).rates == (
        Rate("GPTBot", "disallow", 9, 10, 0.5, 2),
        Rate("Odd", "crawl-delay", 0, 3, None, 3),
    )


@pytest.mark.parametrize(
    ("form", "text", "problem"),
    [
        (CSV, "host,class\n", "file:1: no column agent"),
        (CSV, "", "file:1: no column host, agent, class"),
        (CSV, "host,agent,class\na.example,x,okay\n", "file:2: 'okay' is no class"),
        (CSV, "host,agent,class\na.example,x,other-x\n", "file:2: 'other-x' is no class"),
        (CSV, "host,agent,class\nlocalhost,x,ok\n", "file:2: 'localhost' is no host"),
        (CSV, "host,agent,class\na.example,,ok\n", "file:2: no agent"),
        (CSV, "host,agent,class\na.example,x\n", "file:2: not as many fields"),
        (CSV, "host,agent,class\na.example,x,ok,more\n", "file:2: not as many fields"),
        (CSV, 'host,agent,class\n"a.example"x,x,ok\n', "file:2: "),
        (CSV, "host,agent,class,status\na.example,x,ok,99\n", "file:2: '99' is no status"),
        (CSV, "host,agent,class,status\na.example,x,ok,²\n", "is no status"),
        (CSV, "host,agent,class,control\na.example,x,ok,fine\n", "file:2: 'fine' is no class"),
        (CSV, "host,agent,class\na.example,x,ok\nb.example,x,ok\na.example,X,refused\n",
         "file:4: X at a.example is otherwise in line 2"),
        (CSV, "host,agent,class\na.example,browser,ok\na.example,control,challenge\n",
         "file:3: another control than in line 2"),
        (JSONL, '{"domain": "a.example"\n', "file:1: not JSON"),
        (JSONL, "\n[1]\n", "file:2: an object is expected"),
        (JSONL, '{"domain": 1, "ua_label": "x", "class": "ok"}', "file:1: domain: a text"),
        (JSONL, '{"domain": "a.example", "ua_label": "x"}', "file:1: class: a text"),
        (JSONL, "[" * 100_000, "file:1: not JSON"),
        (VERDICTS, "host,agent,verdict\na.example,x,ok\n", "file:2: 'ok' is no class"),
        (RATES, "agent,directive,obeyed,n\n,disallow,1,2\n", "file:2: no agent"),
        (RATES, "agent,directive,obeyed,n\nx,noindex,1,2\n", "file:2: 'noindex' is no directive"),
        (RATES, "agent,directive,obeyed,n\nx,disallow,3,2\n", "file:2: obeyed 3 of 2"),
        (RATES, "agent,directive,obeyed,n\nx,disallow,0,0\n", "file:2: obeyed 0 of 0"),
        (RATES, "agent,directive,obeyed,n\nx,disallow,1.5,2\n", "file:2: obeyed: '1.5' is no"),
        (RATES, "agent,directive,obeyed,n\nx,disallow,1,2\nx,Disallow,1,2\n",
         "file:3: x and disallow are in line 2 as well"),
        (RATES, "agent,directive,obeyed,n,traffic\nx,disallow,1,2,half\n", "no share"),
        (RATES, "agent,directive,obeyed,n,traffic\nx,disallow,1,2,nan\n", "no share of 0 to 1"),
        (RATES, "agent,directive,obeyed,n,traffic\nx,disallow,1,2,1.1\n", "no share of 0 to 1"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_file_and_line(form: StudyFormat, text: str, problem: str):
    with pytest.raises(StudyError) as caught:
        read(text, form)
    assert problem in str(caught.value)
    assert str(caught.value).startswith("file:")


def test_bytes_that_are_no_text_and_files_too_large_are_refused():
    with pytest.raises(StudyError, match="file:3: not UTF-8"):
        parse(b"host,agent,class\n\n\xff", CSV, "file")
    with pytest.raises(StudyError, match="larger than 64 MB"):
        parse(bytes(MAX_FILE + 1), CSV, "file")


CLASSES = st.sampled_from(ProbeClass)
HOSTS = st.sampled_from(["a.example", "b.example", "www.c.example"])
AGENTS = st.sampled_from(["GPTBot", "CCBot", "odd agent", "a,b"])
PROBES = st.dictionaries(st.tuples(HOSTS, AGENTS), st.tuples(CLASSES, st.none() | CLASSES))


@given(PROBES)
def test_what_is_written_is_what_is_read(written):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("host", "agent", "class", "control"))
    writer.writerows((*key, came, control or "") for key, (came, control) in written.items())
    found = read(text.getvalue(), CSV).probes
    assert {(p.host, p.agent): (p.came, p.control) for p in found} == written
    assert [p.line for p in found] == list(range(2, len(written) + 2))


@given(PROBES)
def test_controls_in_rows_say_what_controls_in_a_column_say(written):
    controls = {host: control for (host, _), (_, control) in written.items() if control}
    rows = [
        *({"domain": host, "ua_label": "browser", "class": c} for host, c in controls.items()),
        *({"domain": host, "ua_label": agent, "class": came}
          for (host, agent), (came, _) in written.items()),
    ]  # fmt: skip
    found = read("\n".join(map(json.dumps, rows)), JSONL).probes
    assert {(p.host, p.agent): (p.came, p.control) for p in found} == {
        (host, agent): (came, controls.get(host)) for (host, agent), (came, _) in written.items()
    }


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), max_size=len(DIRECTIVES)))
def test_rates_are_kept_as_counts(counts):
    rows = [(d, min(k, n), n) for d, (k, n) in zip(DIRECTIVES, counts, strict=False)]
    text = "agent,directive,obeyed,n\n" + "".join(f"x,{d},{k},{n}\n" for d, k, n in rows)
    assert [(r.directive, r.obeyed, r.n) for r in read(text, RATES).rates] == rows


@given(st.binary(max_size=200), st.sampled_from(StudyFormat))
@example(b"\x00", CSV)
@example(b'host,agent,class\n"', CSV)
def test_no_bytes_do_more_than_be_refused(content: bytes, form: StudyFormat):
    try:
        parse(content, form, "file")
    except StudyError as error:
        assert str(error).startswith("file:")  # noqa: PT017
