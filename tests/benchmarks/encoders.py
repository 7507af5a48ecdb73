"""What encoders keep of a wish, by hand: `python -m tests.benchmarks.encoders`.

One JPEG with PLUS data mining, an IIM and an Exif notice and a signed CAWG assertion goes through
each encoder that is here (Pillow, ImageMagick's `convert`, `vips`, `cwebp`, and `sharp` where
NODE_PATH has it), and is read by our own reader. The table stands in the reference page of the
signal `plus_data_mining`.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from crawler.parsers.containers.deep import extract_deeply
from crawler.parsers.containers.segment import Kind
from tests.factories import works
from tests.factories.signing import signed

SHARP = "require('sharp')(process.argv[1]){}.toFile(process.argv[2])"
COMMANDS = {
    "ImageMagick -resize": ("convert", "IN", "-resize", "50%", "OUT.jpg"),
    "ImageMagick -strip": ("convert", "IN", "-strip", "OUT.jpg"),
    "ImageMagick -thumbnail": ("convert", "IN", "-thumbnail", "32x32", "OUT.jpg"),
    "ImageMagick to PNG": ("convert", "IN", "OUT.png"),
    "ImageMagick to WebP": ("convert", "IN", "OUT.webp"),
    "libvips thumbnail": ("vips", "thumbnail", "IN", "OUT.jpg", "32"),
    "libvips [strip]": ("vips", "copy", "IN", "OUT.jpg[strip]"),
    "libvips to WebP": ("vips", "copy", "IN", "OUT.webp"),
    "cwebp, default": ("cwebp", "-quiet", "IN", "-o", "OUT.webp"),
    "cwebp -metadata all": ("cwebp", "-quiet", "-metadata", "all", "IN", "-o", "OUT.webp"),
    "sharp, default": ("node", "-e", SHARP.format(""), "IN", "OUT.jpg"),
    "sharp withMetadata": ("node", "-e", SHARP.format(".withMetadata()"), "IN", "OUT.jpg"),
    "sharp keepMetadata": ("node", "-e", SHARP.format(".keepMetadata()"), "IN", "OUT.jpg"),
    "sharp keepMetadata to WebP": ("node", "-e", SHARP.format(".keepMetadata()"), "IN", "OUT.webp"),
}


def main() -> None:
    """Print the table as Markdown."""
    print("| step | PLUS | IIM | Exif | C2PA |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "given.jpg"
        given.write_bytes(_picture(given))
        print(f"| as made | {' | '.join(_kept(given.read_bytes()))} |")
        for step, encode in _steps(given):
            print(f"| {step} | {' | '.join(_kept(encode()))} |", flush=True)


def _picture(at: Path) -> bytes:
    """A picture that decodes, of one colour, with all four."""
    subprocess.run(["convert", "-size", "64x64", "xc:red", str(at)], check=True, timeout=60)
    bare = at.read_bytes()
    notices = works.app1_exif() + works.app13() + works.app1(works.XMP)
    return signed(bare[:2] + notices + bare[2:], "image/jpeg")


def _steps(given: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    for step, words in COMMANDS.items():
        if _is_here(words[0]):
            yield step, lambda words=words: _run(given, words)
    if find_spec("PIL"):
        yield "Pillow save, default", lambda: _pillow(given, "jpg")
        yield "Pillow save with xmp= and exif=", lambda: _pillow(given, "jpg", kept=True)
        yield "Pillow to WebP, default", lambda: _pillow(given, "webp")


def _is_here(program: str) -> bool:
    if program != "node":
        return shutil.which(program) is not None
    asked = ["node", "-e", "require('sharp')"]
    return shutil.which("node") is not None and not subprocess.call(asked, stderr=subprocess.PIPE)


def _run(given: Path, words: tuple[str, ...]) -> bytes:
    out = given.parent / "OUT"
    told = [w.replace("IN", str(given)) if w == "IN" else w.replace("OUT", str(out)) for w in words]
    subprocess.run(told, check=True, capture_output=True, timeout=60)
    ending = next(w for w in told if w.startswith(str(out))).removeprefix(str(out))
    return out.with_suffix(ending.partition("[")[0]).read_bytes()


def _pillow(given: Path, ending: str, *, kept: bool = False) -> bytes:
    from PIL import Image

    out = given.with_name(f"pillow.{ending}")
    with Image.open(given) as picture:
        more = {"xmp": picture.info.get("xmp"), "exif": picture.getexif()} if kept else {}
        picture.save(out, **more)
    return out.read_bytes()


def _kept(data: bytes) -> Iterator[str]:
    found = extract_deeply(((0, data),), len(data))
    names = {segment.name for segment in found.segments}
    yield _word(any(s.kind is Kind.XMP and b"DataMining" in s.data for s in found.segments))
    yield _word("iim:CopyrightNotice" in names)
    yield _word("exif:Copyright" in names)
    wish = any(s.kind is Kind.ASSERTION for s in found.segments)
    yield _word(wish) + (f", {found.signature}" if wish else "")


def _word(is_there: bool) -> str:
    return "kept" if is_there else "lost"


if __name__ == "__main__":
    main()
