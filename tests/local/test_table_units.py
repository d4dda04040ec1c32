"""What DynamoDB bills, by its documented rules."""

import pytest

from local.metering.table_units import (
    Index,
    Item,
    index_write_units,
    item_bytes,
    read_units,
    write_units,
)

BY_OWNER = Index(("owner",))


def item(text_bytes: int, **more: str) -> Item:
    """An item of so many bytes, and its other texts."""
    others: Item = {name: {"S": value} for name, value in more.items()}
    return {"pk": {"S": "x" * (text_bytes - 2 - item_bytes(others))}, **others}


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "Zürich"}, 7),
        ({"N": "0"}, 1),
        ({"N": "1234"}, 3),
        ({"N": "12300"}, 3),
        ({"N": "-0.05"}, 3),
        ({"B": "aGVsbG8="}, 5),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["a", "bc"]}, 3),
        ({"L": []}, 3),
        ({"L": [{"S": "abc"}, {"N": "1"}]}, 3 + 1 + 3 + 1 + 2),
        ({"M": {"key": {"S": "abc"}}}, 3 + 1 + 3 + 3),
    ],
)
def test_an_attribute_is_as_large_as_its_name_and_its_value(
    value: dict[str, object], size: int
) -> None:
    assert item_bytes({"name": value}) == len("name") + size


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (None, item(1024), 1),
        (None, item(1025), 2),
        (item(3000), item(100), 3),
        (item(2049), None, 3),
        (None, None, 1),
    ],
)
def test_a_write_costs_the_larger_of_the_items_before_and_after(
    before: Item | None, after: Item | None, units: int
) -> None:
    assert write_units(before, after) == units


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (None, item(1500), 0),
        (None, item(1500, owner="a"), 2),
        (item(1500, owner="a"), item(100, owner="a"), 2),
        (item(1500, owner="a"), item(1500, owner="b"), 4),
        (item(1500, owner="a"), None, 2),
        (item(1500, owner="a"), item(1500), 2),
        (item(1500, owner="a"), item(1500, owner="a"), 0),
    ],
)
def test_an_index_costs_a_write_for_each_entry_that_comes_goes_or_changes(
    before: Item | None, after: Item | None, units: int
) -> None:
    assert index_write_units(before, after, [BY_OWNER]) == units


def test_an_index_of_few_attributes_costs_their_size_and_nothing_when_others_change() -> None:
    keys_only = Index(("owner",), frozenset({"pk", "owner"}))
    before: Item = {"pk": {"S": "a"}, "owner": {"S": "me"}, "text": {"S": "x" * 3000}}
    assert index_write_units(before, before | {"text": {"S": "y"}}, [keys_only]) == 0
    assert index_write_units(before, before | {"owner": {"S": "you"}}, [keys_only]) == 2


def test_a_read_costs_a_unit_per_4_kb_half_of_it_eventually_twice_in_a_transaction() -> None:
    assert read_units([item(4097)], consistent=True) == 2
    assert read_units([item(4097)], consistent=False) == 1
    assert read_units([item(4097)], consistent=True, transaction=True) == 4


def test_a_query_is_rounded_up_once_for_the_whole_page() -> None:
    assert read_units([item(1000)] * 5, consistent=True) == 2
    assert read_units([], consistent=False) == 0.5
