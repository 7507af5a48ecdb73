"""The policy behind a TDMRep reservation: an offer that says on what terms mining is permitted.

### Syntax

```json
{
  "@context": ["http://www.w3.org/ns/odrl.jsonld", "http://www.w3.org/ns/tdmrep.jsonld"],
  "@type": "Offer",
  "profile": "http://www.w3.org/ns/tdmrep",
  "uid": "https://atelier.example/policies/mining.json",
  "assigner": {"vcard:fn": "Atelier", "vcard:hasEmail": "mailto:rights@atelier.example"},
  "permission": [
    {"action": "tdm:mine",
     "constraint": [{"leftOperand": "purpose", "operator": "eq", "rightOperand": "tdm:research"}],
     "duty": [{"action": "obtainConsent"}]}
  ]
}
```

The address is what `tdm-policy` of the file, the header or the meta names, beside a reservation.
Served as `application/json` or `application/ld+json` it is for machines: one offer in the rights
language ODRL, from one `assigner` with its contact data as a vCard.
Each `permission` has the action `tdm:mine`, if need be a `target`, duties (`obtainConsent`,
`compensate`) and a purpose it is confined to (`tdm:research`, `tdm:non-research`).
Served as a web page it is for people (`human_readable`), and nothing is read in it here.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| a permission, on whatever duties | conditional | conditional (derived) | unstated |

A policy is terms and no reservation of its own: what reserves is the file, header or meta that
points to it, and those already read *conditional*.
So its statements speak about the assets it is pointed to from, whichever these are (scope
*asset*), and never about the page or the site.
An offer has to be taken up: a permission without any duty is *conditional* too.

### Precedence

None: the policy explains a reservation and changes none.
A policy that cannot be reached or understood means that no way to a licence is known, and the
reservation stands.
Whether a permission for research helps anyone depends on the law of the place.

### Malformed files

Strictly, the document is JSON with both contexts, the type, the profile, a `uid`, one assigner, a
list of permissions, and every action is `tdm:mine`.
Our lenient reading takes any object with a permission to mine, one permission without a list, the
action's other spellings (`mine`, its full address) and JSON served under another type.
JSON without any permission to mine offers none.

### Common mistakes

- The address of the site's terms of use: fit for people, not for machines.
- A licence in another language than ODRL.
- No way to get in touch.
- A trailing comma.
- Prohibitions, which readers of the protocol do not expect.

### Adoption and readers

No survey counts machine-readable policies.
No operator of a large AI crawler documents that it reads TDMRep (unverified).
"""

import json
from dataclasses import replace

from crawler.answers import Answer, classify
from crawler.model import Capture, Defect, Finding, Reading, Scope, Severity, Statement, Strictness
from crawler.parsers.http import media_type
from crawler.parsers.jsontext import Object, Parsed, parse_json
from crawler.signals.reading.readable import conclude, is_cut, looks_like_html, quote, unreadable
from crawler.signals.reading.signal import Carrier, Signal, Status
from crawler.signals.reading.tdmrep import POLICY, SPEC, SPEC_VERSION, meanings

MAX_PERMISSIONS = 50
MACHINE = frozenset({"application/json", "application/ld+json"})
ACTION = "tdm:mine"
ACTIONS = frozenset({ACTION, "mine", "http://www.w3.org/ns/tdmrep#mine"})
CONTEXTS = frozenset({"http://www.w3.org/ns/odrl.jsonld", "http://www.w3.org/ns/tdmrep.jsonld"})
PROFILE = "http://www.w3.org/ns/tdmrep"
CONTACTS = frozenset(
    {"vcard:hasEmail", "vcard:hasAddress", "vcard:hasTelephone", "vcard:hasURL"}  # section 6
)
_EFFECTS = {
    "tdm-policy-missing": "Nothing is there: no way to a licence is known, the reservation stands.",
    "tdm-policy-not-json": "Not JSON: no way to a licence is known, the reservation stands.",
    "tdm-policy-json-leniency": "Strict JSON readers refuse the policy.",
    "tdm-policy-media-type": "Not served as JSON: readers take the policy for one for people.",
    "tdm-policy-shape": "Not the offer that the protocol describes: strict readers refuse it.",
    "tdm-policy-no-permission": "No permission to mine is offered: the reservation stands.",
    "tdm-policy-action": "Not the action tdm:mine: strict readers see no permission to mine.",
    "tdm-policy-no-contact": "No way to get in touch is given.",
    "tdm-policy-unexpected": "Readers of the protocol expect permissions only.",
    "tdm-policy-many": f"Only the first {MAX_PERMISSIONS} permissions are read.",
}
_SEVERITIES = {
    "tdm-policy-missing": Severity.CHANGES,
    "tdm-policy-not-json": Severity.CHANGES,
    "tdm-policy-no-permission": Severity.CHANGES,
    "tdm-policy-no-contact": Severity.RISKS,
    "tdm-policy-unexpected": Severity.RISKS,
    "tdm-policy-many": Severity.RISKS,
}


def find(capture: Capture) -> Finding:
    """Read one policy."""
    if finding := unreadable(capture):
        fault = _defect("tdm-policy-missing", capture.url, None)
        missing = classify(capture) is Answer.MISSING
        return replace(finding, defects=(fault,)) if missing else finding
    cut = is_cut(capture)
    if not capture.body.strip():
        return conclude([], [] if cut else [_defect("tdm-policy-not-json", "", None)], cut=cut)
    if not _is_for_machines(capture):
        note = "truncated" if cut else "human_readable"
        return Finding(Reading.PRESENT, note=note)
    parsed = parse_json(capture.body)
    if cut and parsed.problem:
        return conclude([], [], cut=True)
    if parsed.unread:
        return Finding(Reading.UNMEASURED, note="json_limit")
    reader = _Reader(parsed, capture.body)
    if media_type(capture.headers) not in MACHINE:
        reader.fault("tdm-policy-media-type", media_type(capture.headers), None)
    return conclude(reader.statements(), reader.defects, cut=cut)


def _is_for_machines(capture: Capture) -> bool:
    if looks_like_html(capture.body):
        return False
    opening = capture.body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return opening in (b"{", b"[") or media_type(capture.headers) in MACHINE


class _Reader:
    """Keeps the permissions of one policy and what is wrong with it."""

    def __init__(self, parsed: Parsed, body: bytes) -> None:
        self.defects: list[Defect] = []
        self._permissions: list[tuple[Object, str]] = []
        opening = body[:400].decode("utf-8", "replace")
        if parsed.problem:
            self.fault("tdm-policy-not-json", f"{parsed.problem}: {opening}", None)
            return
        if parsed.leniencies:
            raw = f"{', '.join(parsed.leniencies)}: {opening}"
            self.fault("tdm-policy-json-leniency", raw, None)
        policy = parsed.value
        if isinstance(policy, Object):
            self._policy(policy, opening)
        if not self._permissions:
            self.fault("tdm-policy-no-permission", opening, 1)

    def statements(self) -> list[Statement]:
        voided = any(defect.severity is Severity.VOIDS for defect in self.defects)
        return [
            Statement(
                purpose,
                preference,
                Strictness.LENIENT if voided else Strictness.STRICT,
                Scope.ASSET,
                quote(raw),
                line=permission.line,
                derived=derived,
            )
            for permission, raw in self._permissions
            for purpose, preference, derived in meanings(True, conditional=True)
        ]

    def fault(self, code: str, raw: str, line: int | None) -> None:
        self.defects.append(_defect(code, raw, line))

    def _policy(self, policy: Object, opening: str) -> None:
        permissions = policy.get("permission")
        listed = permissions if isinstance(permissions, list) else [permissions]
        if len(listed) > MAX_PERMISSIONS:
            self.fault("tdm-policy-many", f"{len(listed)} permissions", policy.line)
        for permission in listed[:MAX_PERMISSIONS]:
            self._permission(permission)
        if not self._permissions:
            return
        if wrong := _misshapen(policy):
            self.fault("tdm-policy-shape", f"{', '.join(wrong)}: {opening}", policy.line)
        assigner = policy.get("assigner")
        if isinstance(assigner, Object) and not CONTACTS & assigner.keys():
            self.fault("tdm-policy-no-contact", _json(assigner), assigner.line)
        if unexpected := [name for name in ("prohibition", "obligation") if policy.get(name)]:
            self.fault("tdm-policy-unexpected", ", ".join(unexpected), policy.line)

    def _permission(self, permission: object) -> None:
        if not isinstance(permission, Object):
            return
        action = permission.get("action")
        if action != ACTION:
            self.fault("tdm-policy-action", _json(permission), permission.line)
        spelt = action if isinstance(action, list) else [action]
        if any(isinstance(one, str) and one in ACTIONS for one in spelt):
            self._permissions.append((permission, _json(permission)))


def _misshapen(policy: Object) -> list[str]:
    """The properties of the offer that are not as the protocol wants them (section 6)."""
    contexts = policy.get("@context")
    named = {c for c in contexts if isinstance(c, str)} if isinstance(contexts, list) else set()
    right = {
        "@context": named >= CONTEXTS,
        "@type": policy.get("@type") == "Offer",
        "profile": policy.get("profile") == PROFILE,
        "uid": isinstance(policy.get("uid"), str),
        "assigner": isinstance(policy.get("assigner"), Object),
        "permission": isinstance(policy.get("permission"), list),
    }
    return [name for name, is_right in right.items() if not is_right]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _defect(code: str, raw: str, line: int | None) -> Defect:
    severity = _SEVERITIES.get(code, Severity.VOIDS)
    return Defect(code, severity, quote(raw), _EFFECTS[code], line)


SIGNAL = Signal(
    name="tdm_policy",
    title="TDMRep policy",
    id="F1",
    spec=SPEC,
    spec_version=SPEC_VERSION,
    status=Status.COMMUNITY,
    carrier=Carrier.DOCUMENT,
    resources=(POLICY,),
    find=find,
)
