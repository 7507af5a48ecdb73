"""The table of carriers and fields by hand: `python -m tests.benchmarks.carriers`.

Each planted file, with what was planted (P: PLUS data mining, T: TDMRep, C: a C2PA assertion, F: a
field nobody has specified), what we find and what ExifTool finds; then the files that c2pa-python
has signed. Set EXIFTOOL to the program where it is not on the path.
"""

import json
import subprocess
import tempfile
from pathlib import Path

from crawler.parsers.containers.deep import extract_deeply
from tests.factories.signing import signed
from tests.factories.works import PLANTED
from tests.parsers.containers.test_planted import EXIFTOOL, UNREAD, found_in
from tests.parsers.containers.test_signed import UNSIGNED

GROUPS = ("-XMP-plus:all", "-XMP-tdm:all", "-JUMBF:all", "-JSON:all", "-CBOR:all")


def main() -> None:
    """Print the table as Markdown, with the sums below it."""
    files = {name: (planted, make()) for name, (planted, make) in PLANTED.items()}
    for media_type, bare in UNSIGNED.items():
        data = signed(bare, media_type, "cawg.training-mining")
        files["c2pa-" + media_type.replace("/", ".").partition("+")[0]] = "C", data
    oracle = _by_exiftool({name: data for name, (_, data) in files.items()})
    print("| file | planted | we | ExifTool | why it differs |\n|---|---|---|---|---|")
    ours = theirs = 0
    for name, (planted, data) in files.items():
        found = found_in(extract_deeply(((0, data),), len(data)))
        ours += set(planted) <= set(found)
        theirs += set(planted) <= set(oracle.get(name, ""))
        why = _why(name, planted) if oracle.get(name) != planted else ""
        print(f"| {name} | {planted} | {found or '-'} | {oracle.get(name) or '-'} | {why} |")
    print(f"\nfound: {ours} of {len(files)} by us, {theirs} by ExifTool")


def _why(name: str, planted: str) -> str:
    if name.endswith((".mpeg", ".flac")) and planted == "C":
        return UNREAD["signed.mp3"]
    return UNREAD.get(name, "read from version 13 on")


def _by_exiftool(files: dict[str, bytes]) -> dict[str, str]:
    if not EXIFTOOL:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        told = subprocess.run(
            [EXIFTOOL, "-j", "-a", "-G1", "-n", *GROUPS, folder],
            capture_output=True, check=False, timeout=300,
        )  # fmt: skip
    rows = {Path(row.pop("SourceFile")).name: str(row) for row in json.loads(told.stdout)}
    marks = {"P": "DataMining", "T": "eservation", "C": "c2pa"}
    return {
        name: "".join(
            letter for letter, mark in marks.items() if mark in row.replace("C2PA", "c2pa")
        )
        for name, row in rows.items()
    }


if __name__ == "__main__":
    main()
