"""Our resolution against a second implementation, Node's `URL`, over generated pairs.

By hand: `python -m tests.addresses_against_node 100000 SEED`. Node 20 is older than two changes of
the standard, which are told apart and counted: `^` is escaped in a path (2023), and an `xn--` label
that does not decode is left to DNS by ours and refused by Node. Of other schemes than those of the
web, which nobody asks for, only the scheme is compared: Node 20 has faults of its own there.
"""

# ruff: noqa: SIM905 - words are easier to read than a list of strings

import json
import random
import re
import subprocess
import sys

from crawler.addresses import resolve

SCRIPT = """
const lines = require('fs').readFileSync(0, 'utf8').split('\\n').filter(Boolean)
for (const line of lines) {
  const [base, reference] = JSON.parse(line)
  let found = null
  try { found = new URL(reference, base).href } catch {}
  console.log(JSON.stringify(found))
}
"""
HOSTS = (
    "a.example B.Example a_b.example -a-.example b\u00fccher.example %62.example a..b a.example. "
    "b%C3%BCcher.example \u2603.example \U0001f4a9.example xn--bcher-kva.example 127.1 0x7f.1 0x "
    "0177.0.0.1 2130706433 127.0.0.1. \u2460\u2461\u2466.\u24ea.\u24ea.\u2460 256.1.1.1 1.2.3.4.5 "
    "09.1.1.1 0xffffffff 4294967296 [::1] [::ffff:127.0.0.1] [fe80::1%25eth0] [fe80::1%eth0] [1:2] "
    "[::127.0.0.1] [v1.x] localhost a%20b a<b a%00b fa\u00df.example a\u00ad.example "
    "\uff41.example a\u3002example ab--c.example a^b a|b exa%mple % a%2fb a%3ab a{b} "
    "a\u200db.example \u05d0a.example A.b.C a.b.com xn--a"
).split() + ["", "a b"]
SEGMENTS = (
    '. .. %2e %2E%2e .%2e a \u00fc {1} "v" <y> ` | ^ [x] % %zz %41 a\\b ..a \u20ac a\'b ~ *$ '
    "\U0001f600 C: C| ;p=1 @ a:b = &"
).split() + ["", "b c", "a\tb", "a\nb"]
SCHEMES = ["http:", "https:", "HTTP:", "ftp:", "ws:", *[""] * 5]
SLASHES = ["//"] * 8 + ["", "/", "///", "////", "\\", "\\\\", "/\\", "\\/"]
USERS = [""] * 5 + ["u@", "u:p@", "@", "a@b@", ":@", "%40@"]
PORTS = [""] * 5 + ":80 :443 :8080 : :0 :65535 :65536 :00080 :8a :-1 :99999999999".split()
QUERIES = [
    "",
    "",
    "?",
] + "?a=b ?x=<y>&z='\" ?{a}`^| ?\u00fc ?\\ ?../.. ?http://x/ ?? ?a#b?c".split()
FRAGMENTS = ["", "", "", "#", "#a b", "#\u00fc`<>", "##"]
AROUND = ["", "", "", " ", "\t", "\n", " \r\n", "\0", "\x1f"]
BASES = ["a.example", "b.example:8080", "xn--bcher-kva.example", "a_b.example"]
PAGES = ["", "/", "/robots.txt", "/x/y/z", "/x/../y", "//x//y/", "/a;b?q=1", "/x?y/../z#f"]
ENCODED = re.compile(r"//(?:[^/?#@]*@)?(?:[^/?#@]*\.)?xn--")
LETTERS = "/\\.:?#@[]%abAZ09-_ \t\n&=;{}|^`\"'<>\u00fc\u2603"


def _path(pick: random.Random) -> str:
    parts = [pick.choice(SEGMENTS) for _ in range(pick.choice([0, 0, 1, 1, 2, 3, 4]))]
    joined = pick.choice(["/", "/", "\\", "//"]).join(parts)
    return pick.choice(["/", "/", "", "\\"]) + joined


def _reference(pick: random.Random) -> str:
    kind = pick.random()
    if kind < 0.45:
        origin = map(pick.choice, (SCHEMES, SLASHES, USERS, HOSTS, PORTS))
        text = "".join(origin) + _path(pick)
    elif kind < 0.55:
        text = "".join(pick.choice(LETTERS) for _ in range(pick.randrange(14)))
    else:
        text = pick.choice(["", "", "", "//"]) + _path(pick)
    return "".join(map(pick.choice, (AROUND, [text], QUERIES, FRAGMENTS, AROUND)))


def pairs(count: int, seed: int) -> list[tuple[str, str]]:
    """Addresses of pages with references of every kind."""
    pick = random.Random(seed)
    schemes = ("http://", "https://")
    return [
        ("".join(map(pick.choice, (schemes, BASES, PAGES))), _reference(pick)) for _ in range(count)
    ]


def ours(base: str, reference: str) -> str | None:
    """Our answer; None where it is refused."""
    try:
        return resolve(reference, base)
    except ValueError:
        return None


def differing(count: int, seed: int) -> list[tuple[tuple[str, str], str | None, str | None]]:
    """The pairs that the two resolve differently, with our answer and Node's."""
    asked = pairs(count, seed)
    lines = "\n".join(map(json.dumps, asked))
    run = subprocess.run(
        ["node", "-e", SCRIPT], input=lines, capture_output=True, text=True, check=True
    )
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    found = zip(asked, (ours(*pair) for pair in asked), answers, strict=True)
    return [each for each in found if not _same(*each[1:])]


def _same(our: str | None, node: str | None) -> bool:
    if our is None or node is None:
        return our == node or bool(our and ENCODED.search(our))
    if not our.startswith(("http", "ws", "ftp")):
        return our.partition(":")[0] == node.partition(":")[0]
    return our.replace("%5E", "^") == node.replace("%5E", "^")


if __name__ == "__main__":
    number, start = int(sys.argv[1]), int(sys.argv[2])
    wrong = differing(number, start)
    print(f"{number} pairs, {len(wrong)} differ")
    print(*wrong[:20], sep="\n")
