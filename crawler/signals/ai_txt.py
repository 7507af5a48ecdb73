"""Spawning's file `/ai.txt`, which says file type by file type what may become training data.

### Syntax

```
# Spawning AI
User-Agent: *
Disallow: *.jpg
Disallow: *.png
Allow: *.txt
Disallow: /
Disallow: *
```

The lines are those of robots.txt.
A generator writes them: a line for each file extension of the chosen classes (text, images,
audio, video, code), and at the end the default for everything else.
No formal grammar was ever published.
The file speaks for media that the same host serves, when they are downloaded.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `Disallow: /`, `Disallow: *` | disallowed | unstated | unstated |
| `Disallow: *.jpg` | disallowed for that type | unstated | unstated |
| `Allow: /`, `Allow: *` | allowed | unstated | unstated |
| `Allow: *.txt` | allowed for that type | unstated | unstated |
| `Disallow: /studio/` | disallowed for that path | unstated | unstated |

That is our reading, after robots.txt; there is no official one.
A type of files is scope `asset` and says nothing about pages.

### Precedence

As in robots.txt: the longest matching pattern, at the same length Allow.

### Malformed files

Six unrelated things are called ai.txt, so a file is classified first; the note names its kind.

| note | what it is | read as |
|---|---|---|
| none | Spawning's format | strict |
| `draft_car` | the format of `/.well-known/ai.txt` | lenient, `ai-txt-misplaced` |
| `robots_copy` | a robots.txt under another name | lenient: only a whole site refused |
| `own_words` | invented lines (`AI-Training: no`) | lenient, `file-own-words` |
| `prose` | sentences that reserve or refuse | lenient and derived |
| `arxiv_dsl` | markup, as a paper of 2025 proposes it (unverified) | no statement |
| `product_description` | Markdown with front matter, as aitxt.ing has it | no statement |
| `personal_info` | a person | no statement |
| `description` | a site | no statement |
| `unknown` | anything else | no statement |

Several patterns in one line are split at commas, leniently.
A rule before any `User-Agent` is read leniently for everybody.
A permission (`Allow`) beside invented lines about training is read leniently.
An HTML page is the site's answer to any address and no file at all.

### Common mistakes

- A description of the site or its products under this name.
- `Disallow: *.txt, *.jpg` in one line.
- The belief that crawlers read the file.

### Adoption and readers

1,540 of about four million domains in 2025, fewer than half of the files unique; another count
found 397 sites in May 2026 (secondary sources, unverified).
Spawning announced the format on 30 May 2023; its API reads the file and tells its partners.
No large operator documents that it reads ai.txt (unverified).
"""

from crawler.model import Capture, Finding, Preference
from crawler.signals.reading import ai_txt_kinds
from crawler.signals.reading.ai_txt_kinds import Kind
from crawler.signals.reading.robots_lines import longest_match
from crawler.signals.reading.signal import Carrier, Signal, Status


def find(capture: Capture) -> Finding:
    """Classify one file and read its rules."""
    return ai_txt_kinds.find(capture, Kind.SPAWNING)


SIGNAL = Signal(
    name="ai_txt",
    title="Spawning ai.txt",
    id="F2",
    spec="https://spawning.substack.com/p/aitxt-a-new-way-for-websites-to-set",
    spec_version="announcement of 30 May 2023; no formal grammar",
    status=Status.VENDOR,
    carrier=Carrier.FILE,
    resources=("/ai.txt",),
    find=find,
    select=longest_match((Preference.ALLOWED, Preference.DISALLOWED, Preference.CONDITIONAL)),
)
