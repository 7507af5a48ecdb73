"""TDMRep policies: which are asked for, what they offer, and that nothing raises."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dictionary.signal_reference import FIXTURES
from crawler.judge.verdicts import judge_visit
from crawler.model import Capture, Failure, Finding, Preference, Reading, Scope, Strictness
from crawler.parsers.http import parse_response
from crawler.signals import tdm_policy, tdmrep_file, tdmrep_header, tdmrep_meta
from crawler.signals.reading import tdmrep

URL = "https://site.example/policy.json"
GOOD = (FIXTURES / "tdm_policy" / "good.http").read_bytes()
TYPE = ((b"Content-Type", b"application/json"),)


def policy(**changes) -> dict:
    permission = [{"action": "tdm:mine", "duty": [{"action": "compensate"}]}]
    return {
        "@context": sorted(tdm_policy.CONTEXTS), "@type": "Offer", "profile": tdm_policy.PROFILE,
        "uid": URL, "assigner": {"vcard:hasURL": URL}, "permission": permission,
    } | changes  # fmt: skip


def capture(value: object, **changes) -> Capture:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    known = {"status": 200, "headers": TYPE, "body": body}
    return Capture("tdm-policy:", URL, URL, **known | changes)


def codes(value: object) -> list[str]:
    return [defect.code for defect in tdm_policy.find(capture(value)).defects]


def test_a_whole_policy_is_strict_and_about_assets_alone():
    found = tdm_policy.find(capture(policy()))
    assert {s.strictness for s in found.statements} == {Strictness.STRICT}
    assert {s.scope for s in found.statements} == {Scope.ASSET}
    assert found.defects == ()


@pytest.mark.parametrize("name", ["@context", "@type", "profile", "uid", "assigner", "permission"])
def test_every_part_of_the_offer_is_needed(name: str):
    value = policy()
    if name == "permission":
        value[name] = value[name][0]
    else:
        del value[name]
    found = tdm_policy.find(capture(value))
    assert [d.code for d in found.defects] == ["tdm-policy-shape"]
    assert found.defects[0].quote.startswith(f"{name}: ")
    assert {s.strictness for s in found.statements} == {Strictness.LENIENT}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([policy()], ["tdm-policy-no-permission"]),
        (policy(permission=[]), ["tdm-policy-no-permission"]),
        (policy(permission=["tdm:mine"]), ["tdm-policy-no-permission"]),
        (policy(permission=[{"action": "read"}]),
         ["tdm-policy-action", "tdm-policy-no-permission"]),
        (policy(permission=[{"action": ["tdm:mine", 1]}]), ["tdm-policy-action"]),
        (policy(permission=[{"action": {"@id": "x"}}]),
         ["tdm-policy-action", "tdm-policy-no-permission"]),
        (policy(obligation=[1]), ["tdm-policy-unexpected"]),
        (policy(prohibition=[]), []),
        (policy(**{"@context": [1, {}]}), ["tdm-policy-shape"]),
        (policy(assigner={"vcard:fn": "x"}), ["tdm-policy-no-contact"]),
        (policy(permission=[{"action": "tdm:mine"}] * 51), ["tdm-policy-many"]),
        (b" \n", ["tdm-policy-not-json"]),
    ],
)  # fmt: skip
def test_odd_policies_are_named(value: object, expected: list[str]):
    assert codes(value) == expected


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"status": None, "failure": Failure.TIMEOUT_TOTAL}, "no_answer"),
        ({"status": 500}, "error_status"),
        ({"status": 403}, "refused"),
        ({"coding_error": True}, "coding_error"),
    ],
)
def test_what_is_no_answer_is_unmeasured(changes: dict, note: str):
    found = tdm_policy.find(replace(parse_response(GOOD, URL, "tdm-policy:"), **changes))
    assert found == Finding(Reading.UNMEASURED, note=note)


@pytest.mark.parametrize("changes", [{"truncated": True}, {"data_loss": True}, {"status": 206}])
def test_a_cut_policy_shows_presence_and_never_absence(changes: dict):
    good = replace(parse_response(GOOD, URL, "tdm-policy:"), **changes)
    assert (tdm_policy.find(good).outcome, tdm_policy.find(good).note) == (
        Reading.PRESENT,
        "truncated",
    )
    for body in (b"", good.body[:200]):
        found = tdm_policy.find(replace(good, body=body))
        assert found == Finding(Reading.UNMEASURED, note="truncated")
    page = tdm_policy.find(replace(good, body=b"<html>"))
    assert page == Finding(Reading.PRESENT, note="truncated")


def page(*metas: str, **changes) -> Capture:
    body = "<!doctype html><head>" + "".join(
        f'<meta name="tdm-{name}" content="{value}">'
        for name, _, value in (meta.partition("=") for meta in metas)
    )
    return Capture("/", URL, URL, **{"status": 200, "body": body.encode()} | changes)


def answer(*fields: str, **changes) -> Capture:
    pairs = (field.partition("=") for field in fields)
    headers = tuple((f"tdm-{name}".encode(), value.encode()) for name, _, value in pairs)
    return Capture("/", URL, URL, **{"status": 200, "headers": headers} | changes)


def file(*rules: dict, **changes) -> Capture:
    body = json.dumps([{"location": "/"} | rule for rule in rules]).encode()
    return Capture("/.well-known/tdmrep.json", URL, URL, **{"status": 200, "body": body} | changes)


RULES = ({"tdm-reservation": 1, "tdm-policy": "https://a.example/p#top"},)


@pytest.mark.parametrize(
    ("module", "good"),
    [
        (tdmrep_header, answer("reservation=1", "policy=https://a.example/p#top")),
        (tdmrep_meta, page("reservation=1", "policy=https://a.example/p#top")),
        (tdmrep_file, file(*RULES)),
    ],
)
def test_the_policy_of_a_reservation_is_asked_for(module, good: Capture):
    links = module.SIGNAL.follow(good)
    assert [(link.resource, link.url) for link in links] == [("tdm-policy:", "https://a.example/p")]
    assert module.SIGNAL.follow(replace(good, status=503)) == ()


def test_a_policy_without_reservation_is_not_asked_for():
    for value in ("0", "2"):
        fields = (f"reservation={value}", "policy=https://a.example/p")
        assert tdmrep_header.follow(answer(*fields)) == tdmrep_meta.follow(page(*fields)) == ()
    assert tdmrep_header.follow(answer("policy=https://a.example/p")) == ()
    assert tdmrep_file.follow(file({"tdm-policy": "https://a.example/p"})) == ()
    assert tdmrep_file.follow(file({"tdm-reservation": 0, "tdm-policy": "https://a.example"})) == ()
    assert tdmrep_file.follow(file({"tdm-reservation": 1, "tdm-policy": 3})) == ()
    assert tdmrep_meta.follow(replace(page(), headers=TYPE, body=b"x")) == ()


@pytest.mark.parametrize(
    "url",
    ["/p", "//a.example/p", "ftp://a.example", "http://", "http://[", "http://a.example:x/",
     "http://a.example:0/", "http://a.example/a b", "http://a.example/\x00", "https://:1/",
     "https://a.example/" + "x" * 2000],
)  # fmt: skip
def test_addresses_that_nobody_can_fetch_are_not_asked_for(url: str):
    assert tdmrep.policy_links([url]) == ()


def test_policies_are_asked_for_once_and_to_a_limit():
    urls = [f"https://a.example/{n}" for n in (1, 1, *range(30))]
    links = tdmrep.policy_links(urls)
    assert [link.url for link in links] == list(dict.fromkeys(urls))[: tdmrep.MAX_LINKS]


def test_a_policy_changes_no_verdict():
    captures = [
        Capture("/robots.txt", URL, URL, status=404),
        answer("reservation=1", "policy=https://a.example/p"),
    ]
    alone = judge_visit(captures)
    with_policy = judge_visit([*captures, capture(policy())])
    assert with_policy.verdicts == alone.verdicts
    assert alone.verdicts[0].strict is Preference.CONDITIONAL


HOSTILE = {
    kind: json.dumps(value).encode()
    for kind, value in {
        "permissions": policy(permission=[{"action": "tdm:mine"}] * 40_000),
        "a permission": policy(permission=[{"action": "tdm:mine", "target": "x" * 900_000}]),
        "contexts": policy(**{"@context": ["x"] * 200_000}),
        "assigner": policy(assigner={f"n{n}": "" for n in range(60_000)}),
    }.items()
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_hostile_policies_are_read_to_their_end(kind: str):
    found = tdm_policy.find(capture(HOSTILE[kind]))
    assert 2 <= len(found.statements) <= 2 * tdm_policy.MAX_PERMISSIONS


VALUES = st.recursive(
    st.none() | st.integers() | st.sampled_from(["tdm:mine", "Offer", "\ud800", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["action", "duty", "permission", "@context", "uid"]), inner
        )
    ),
    max_leaves=10,
)


@settings(max_examples=200, deadline=None)
@given(
    value=VALUES | st.binary(max_size=40) | st.builds(lambda v: policy(permission=v), VALUES),
    status=st.sampled_from([200, 206, 404]),
    typed=st.booleans(),
)
def test_no_policy_makes_it_raise(value, status: int, typed: bool):
    found = tdm_policy.find(capture(value, status=status, headers=TYPE if typed else ()))
    for statement in found.statements:
        assert len(statement.quote) <= 300
        statement.quote.encode()
