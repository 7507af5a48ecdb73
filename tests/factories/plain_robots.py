"""A second, small reader of robots.txt for checks by another way: RFC 9309 and nothing else.

No code of the project is used. It answers one question: may an agent fetch `/`, and whose group
says so?
"""

from collections.abc import Iterator


def root(body: bytes, agent: str) -> tuple[str, str]:
    """Give (allowed or disallowed, own or star or none) for the path `/`."""
    named: list[tuple[str, bytes]] = []
    star: list[tuple[str, bytes]] = []
    own = everybody = False
    for names, rules in _groups(body):
        if agent.lower().encode() in names:
            own, named = True, named + rules
        if b"*" in names:
            everybody, star = True, star + rules
    rules, basis = (named, "own") if own else (star, "star") if everybody else ([], "none")
    return _decide(rules), basis


def _decide(rules: list[tuple[str, bytes]]) -> str:
    """Section 2.2.2: the most octets win, and Allow where both have as many."""
    hits = [(len(path), field == "allow") for field, path in rules if _matches_root(path)]
    return "disallowed" if hits and not max(hits)[1] else "allowed"


def _matches_root(path: bytes) -> bool:
    """`/` is matched by `/` and by patterns of which nothing but wildcards goes beyond it."""
    body, end = (path[:-1], True) if path.endswith(b"$") else (path, False)
    if not body.startswith((b"/", b"*")):
        return False
    plain = body.replace(b"*", b"")
    return plain == b"/" or (plain == b"" and (not end or b"*" in body))


def _groups(body: bytes) -> Iterator[tuple[set[bytes], list[tuple[str, bytes]]]]:
    """Section 2.2.1: lines of names, then rules; names after a rule begin another group."""
    names: set[bytes] = set()
    rules: list[tuple[str, bytes]] = []
    ruled = False
    for field, value in _lines(body):
        if field == "user-agent":
            if ruled:
                yield names, rules
                names, rules, ruled = set(), [], False
            names.add(value.lower())
        elif field in {"allow", "disallow"} and names:
            ruled = True
            if value:
                rules.append((field, value))
    if names:
        yield names, rules


def _lines(body: bytes) -> Iterator[tuple[str, bytes]]:
    text = body[: 500 * 1024].removeprefix(b"\xef\xbb\xbf")
    for line in text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        field, colon, value = line.split(b"#", 1)[0].partition(b":")
        if colon:
            yield field.strip().lower().decode("latin-1"), value.strip()
