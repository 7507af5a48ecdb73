"""A tdmrep.json that exists is added to: its rules stay, broken ones become what they meant."""

import json

import pytest

from crawler.creator.tdmrep_edit import merged

OURS = {"tdm-reservation": 1, "location": "/"}
WHOLE = {"location": "/", "tdm-reservation": 1}


@pytest.mark.parametrize(
    ("body", "rules"),
    [
        ("", [WHOLE]),
        ("<html>", [WHOLE]),
        ("[3, null]", [WHOLE]),
        # A single object, an object around the list, and loose spellings.
        ('{"location": "/", "tdm-reservation": "0"}', [WHOLE]),
        ('{"rules": [{"location": "/a", "tdm-reservation": true}]}',
         [{"location": "/a", "tdm-reservation": 1}, WHOLE]),
        ('[{"path": "a/", "TDM_Reservation": 1.0}]',
         [{"location": "/a/", "tdm-reservation": 1}, WHOLE]),
        ('[{"location": "/a", "tdm-reservation": "perhaps"}]',
         [{"location": "/a", "tdm-reservation": "perhaps"}, WHOLE]),
        # A rule in the shadow of a general one comes before it.
        ('[{"location": "/", "tdm-reservation": 0}, {"location": "/a/b", "tdm-reservation": 1},'
         ' {"location": "/a/b/c", "tdm-reservation": 0}]',
         [{"location": "/a/b/c", "tdm-reservation": 0}, {"location": "/a/b", "tdm-reservation": 1},
          WHOLE]),
        # Addresses of this site, of another, and several in one rule.
        ('[{"location": "https://www.a.example/x", "tdm-reservation": 1},'
         ' {"location": "https://b.example/", "tdm-reservation": 1}]',
         [{"location": "/x", "tdm-reservation": 1}, WHOLE]),
        ('[{"location": ["/a", "/bb", 3], "tdm-reservation": 1}]',
         [{"location": "/bb", "tdm-reservation": 1}, {"location": "/a", "tdm-reservation": 1},
          WHOLE]),
        # Terms stay, unless nobody can read them.
        ('[{"location": "/*", "tdm-reservation": 1, "tdm-policy": "https://a.example/t"}]',
         [{"location": "/", "tdm-reservation": 1, "tdm-policy": "https://a.example/t"}]),
        ('[{"location": "/*", "tdm-reservation": 1, "tdm-policy": "https://a.example/gone"}]',
         [WHOLE]),
    ],
)  # fmt: skip
def test_rules_stay_and_the_reservation_comes_last(body, rules):
    after = merged(body.encode(), OURS, "a.example", {"https://a.example/gone"})
    assert json.loads(after) == rules
    assert merged(after, OURS, "a.example") == after
