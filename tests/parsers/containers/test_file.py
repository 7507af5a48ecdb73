"""The parts that are read of a work of one's own, and its kind."""

import io

import pytest

from crawler.parsers.containers import file
from crawler.parsers.containers.segment import Container


def test_a_file_of_ones_own_is_read_in_the_same_parts(monkeypatch):
    assert file.parts_of(io.BytesIO(b"abc")) == (((0, b"abc"),), 3)
    for name, size in (("MAX_WHOLE", 8), ("HEAD", 4), ("TAIL", 2)):
        monkeypatch.setattr(file, name, size)
    assert file.parts_of(io.BytesIO(b"0123456789")) == (((0, b"0123"), (8, b"89")), 10)


@pytest.mark.parametrize(
    ("container", "head", "kind"),
    [
        (Container.JPEG, b"", "image"),
        (Container.PDF, b"", "document"),
        (Container.FLAC, b"", "audio"),
        (Container.RIFF, b"RIFFxxxxWEBP", "image"),
        (Container.RIFF, b"RIFFxxxxWAVE", "audio"),
        (Container.RIFF, b"RIFFxxxxAVI ", "video"),
        (Container.BMFF, b"xxxxftypavif", "image"),
        (Container.BMFF, b"xxxxftypM4A ", "audio"),
        (Container.BMFF, b"xxxxftypisom", "video"),
    ],
)
def test_the_kind_follows_from_the_bytes(container, head, kind):
    assert file.kind_of(container, head) == kind
