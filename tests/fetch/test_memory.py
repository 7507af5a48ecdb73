"""Bytes that visits under way hold: who waits, and that somebody always goes on."""

from crawler.fetch.memory import GO_ON, Memory


def test_below_the_limit_everybody_takes():
    memory = Memory(100)
    memory.hold("a", 100)
    assert memory.may_take("a")
    assert memory.may_take("b")


def test_over_the_limit_those_that_hold_most_go_on_and_the_others_wait():
    memory = Memory(100)
    for number in range(GO_ON + 2):
        memory.hold(number, 10 + number)
    assert not memory.may_take(0)
    assert not memory.may_take("new")
    assert memory.may_take(GO_ON + 1)
    memory.hold(0, 1000)
    assert memory.may_take(0)


def test_what_a_visit_held_is_given_back_at_its_end():
    memory = Memory(100)
    memory.hold("a", 200)
    assert not memory.may_take("b")
    memory.release("a")
    memory.release("a")
    assert memory.may_take("b")
