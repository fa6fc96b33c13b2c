"""Values out of TOML tables: every getter takes what it should and notes what it should not."""

import pytest

from coach.exercise.toml_reader import Problems, Table


def make_table(**values):
    problems = Problems("file.toml")
    return Table(values, "here", problems), problems


def test_good_values_pass_without_a_remark():
    table, problems = make_table(
        a=" text ", b=["x", " y"], c="two", d=3, e=[1, 2.5], f=True, g={"h": 1}, i=[{"j": 2}, {}]
    )
    assert table.text("a") == "text"
    assert table.texts("b") == ("x", "y")
    assert table.choice("c", ("one", "two")) == "two"
    assert table.number("d", 0, 3) == 3.0
    assert table.pair("e", 1, 2.5) == (1.0, 2.5)
    assert table.flag("f", default=False) is True
    assert table.table("g").number("h", 0, 1) == 1.0
    assert [t.number("j", 0, 9, default=7) for t in table.tables("i")] == [2.0, 7.0]
    table.close()
    assert problems.found == []


def test_defaults_stand_in_for_what_is_absent():
    table, problems = make_table()
    assert table.text("a", default="x") == "x"
    assert table.texts("b", required=False) == ()
    assert table.choice("c", ("one", "two"), default="two") == "two"
    assert table.number("d", 0, 9, default=4) == 4.0
    assert table.pair("e", 0, 9, default=(1, 2)) == (1.0, 2.0)
    assert table.flag("f", default=True) is True
    assert table.tables("i") == []
    assert not table.has("a")
    assert problems.found == []


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (lambda t: t.text("k"), "  ", "some text"),
        (lambda t: t.text("k"), 3, "some text"),
        (lambda t: t.text("k"), None, "some text"),
        (lambda t: t.texts("k"), [], "a list of texts"),
        (lambda t: t.texts("k"), "x", "a list of texts"),
        (lambda t: t.texts("k"), ["x", 1], "a list of texts"),
        (lambda t: t.choice("k", ("a", "b")), "c", "one of 'a', 'b'"),
        (lambda t: t.number("k", 0, 9), 9.1, "a number from 0 to 9"),
        (lambda t: t.number("k", 0, 9), -0.1, "a number from 0 to 9"),
        (lambda t: t.number("k", 0, 9), "3", "a number from 0 to 9"),
        (lambda t: t.number("k", 0, 9), True, "a number from 0 to 9"),
        (lambda t: t.number("k", 0, 9), float("nan"), "a number from 0 to 9"),
        (lambda t: t.number("k", 0, 9), None, "a number from 0 to 9"),
        (lambda t: t.pair("k", 0, 9), [2, 1], "two increasing numbers from 0 to 9"),
        (lambda t: t.pair("k", 0, 9), [1, 1], "two increasing numbers from 0 to 9"),
        (lambda t: t.pair("k", 0, 9), [1, 2, 3], "two increasing numbers from 0 to 9"),
        (lambda t: t.pair("k", 0, 9), [-1, 2], "two increasing numbers from 0 to 9"),
        (lambda t: t.pair("k", 0, 9), [1, 10], "two increasing numbers from 0 to 9"),
        (lambda t: t.pair("k", 0, 9), [False, True], "two increasing numbers from 0 to 9"),
        (lambda t: t.flag("k", default=True), 1, "true or false"),
        (lambda t: t.table("k"), 1, "a table [k]"),
        (lambda t: t.tables("k"), {}, "tables [[k]]"),
        (lambda t: t.tables("k"), [1], "tables [[k]]"),
    ],
)
def test_a_wrong_value_is_noted_with_place_expectation_and_finding(read, value, expected):
    table, problems = make_table(**({} if value is None else {"k": value}))
    read(table)
    got = "nothing" if value is None else repr(value)
    assert problems.found == [f"file.toml: here.k: expected {expected}, got {got}"]


def test_whole_numbers_are_asked_for_in_words():
    table, problems = make_table(k=2.5)
    table.whole("k", 1, 9)
    assert problems.found == ["file.toml: here.k: expected a whole number from 1 to 9, got 2.5"]
    table, problems = make_table(k=2)
    assert table.whole("k", 1, 9) == 2
    assert problems.found == []


def test_unknown_keys_are_reported_with_those_allowed():
    table, problems = make_table(speed=1, spede=2)
    table.number("speed", 0, 9)
    table.number("weight", 0, 9, default=1)
    table.close()
    assert problems.found == ["file.toml: here.spede: expected only known keys here (speed, weight), got 2"]


def test_places_of_nested_tables_and_of_entries_in_lists_are_named():
    problems = Problems("f.toml")
    top = Table({"a": {"b": {"c": 1}}, "d": [{}, {"e": 1}]}, "", problems)
    top.table("a").table("b").text("c")
    top.tables("d")[1].text("e")
    top.table("absent").text("f")
    assert [p.split(": expected")[0] for p in problems.found] == [
        "f.toml: a.b.c", "f.toml: d[2].e", "f.toml: absent.f",
    ]  # fmt: skip


def test_a_long_value_is_shortened_in_the_message():
    table, problems = make_table(k="x" * 500)
    table.number("k", 0, 1)
    assert problems.found[0].endswith("...")
    assert len(problems.found[0]) < 150
