"""What every site is asked for, and the random path beside a file."""

from crawler.signals import SIGNALS, resources, sibling_path


def test_robots_txt_is_asked_first_and_each_path_once():
    paths = resources()
    assert paths[0] == "/robots.txt"
    assert len(paths) == len(set(paths))
    names = {name for signal in SIGNALS for name in signal.resources}
    assert set(paths) == {name for name in names if name.startswith("/")}


def test_only_files_have_a_sibling():
    assert sibling_path("/", "seed") is None
    assert sibling_path("/robots.txt", "seed") is None
    sibling = sibling_path("/.well-known/tdmrep.json", "seed")
    assert sibling is not None
    assert sibling.startswith("/.well-known/")
    assert sibling.endswith(".json")
    assert sibling != "/.well-known/tdmrep.json"


def test_a_document_that_is_pointed_to_has_no_sibling():
    assert sibling_path("rsl:", "seed") is None


def test_a_sibling_is_the_same_in_a_resumed_wave_and_another_for_another_site():
    path = "/.well-known/tdmrep.json"
    assert sibling_path(path, "0:a.example") == sibling_path(path, "0:a.example")
    assert sibling_path(path, "0:a.example") != sibling_path(path, "0:b.example")
