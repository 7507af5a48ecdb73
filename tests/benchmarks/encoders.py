"""What encoders keep of a wish, by hand: `python -m tests.benchmarks.encoders`.

One JPEG with PLUS data mining, an IIM and an Exif notice and a signed CAWG assertion goes through
each encoder that is here (Pillow, ImageMagick's `convert`, `vips`, `cwebp`, and sharp where
NODE_PATH names the folder that `npm install sharp` made), and is read by our own reader. The table
stands in the reference page of the signal `plus_data_mining`.
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

COMMANDS = {
    "ImageMagick -resize": ("convert", "IN", "-resize", "50%", "OUT.jpg"),
    "ImageMagick -strip": ("convert", "IN", "-strip", "OUT.jpg"),
    "ImageMagick -thumbnail": ("convert", "IN", "-thumbnail", "32x32", "OUT.jpg"),
    "ImageMagick to PNG": ("convert", "IN", "OUT.png"),
    "ImageMagick to WebP": ("convert", "IN", "OUT.webp"),
    "libvips thumbnail": ("vips", "thumbnail", "IN", "OUT.jpg", "32"),
    "libvips [strip]": ("vips", "copy", "IN", "OUT.jpg[strip]"),
    "libvips to WebP": ("vips", "copy", "IN", "OUT.webp"),
    "libvips to PNG": ("vips", "copy", "IN", "OUT.png"),
    "libvips to AVIF": ("vips", "copy", "IN", "OUT.avif"),
    "cwebp, default": ("cwebp", "-quiet", "IN", "-o", "OUT.webp"),
    "cwebp -metadata all": ("cwebp", "-quiet", "-metadata", "all", "IN", "-o", "OUT.webp"),
}
SHARP = {
    "sharp, default": ("", "jpg"),
    "sharp withMetadata": (".withMetadata()", "jpg"),
    "sharp keepMetadata": (".keepMetadata()", "jpg"),
    "sharp keepXmp": (".keepXmp()", "jpg"),
    "sharp keepExif": (".keepExif()", "jpg"),
    "sharp keepMetadata to WebP": (".keepMetadata()", "webp"),
    "sharp keepMetadata to AVIF": (".keepMetadata()", "avif"),
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
        if shutil.which(words[0]):
            yield step, lambda words=words: _run(given, words)
    if shutil.which("node") and not _node("require('sharp')").returncode:
        for step, (more, ending) in SHARP.items():
            yield step, lambda more=more, ending=ending: _sharp(given, more, ending)
    if find_spec("PIL"):
        yield "Pillow save, default", lambda: _pillow(given, "jpg")
        yield "Pillow save with xmp= and exif=", lambda: _pillow(given, "jpg", kept=True)
        yield "Pillow to WebP, default", lambda: _pillow(given, "webp")


def _run(given: Path, words: tuple[str, ...]) -> bytes:
    out = given.parent / "OUT"
    told = [w.replace("IN", str(given)) if w == "IN" else w.replace("OUT", str(out)) for w in words]
    subprocess.run(told, check=True, capture_output=True, timeout=60)
    ending = next(w for w in told if w.startswith(str(out))).removeprefix(str(out))
    return out.with_suffix(ending.partition("[")[0]).read_bytes()


def _node(script: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["node", "-e", script], capture_output=True, timeout=60, check=False)


def _sharp(given: Path, more: str, ending: str) -> bytes:
    out = given.with_name(f"sharp.{ending}")
    _node(f"require('sharp')('{given}').resize(32){more}.toFile('{out}')").check_returncode()
    return out.read_bytes()


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
