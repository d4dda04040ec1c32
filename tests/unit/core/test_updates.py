"""Updates as DynamoDB takes them: of attributes, and of what is within their maps."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from showreel.core.dynamo import Table, assignments
from tests.support.cloud import empty_cloud

ROW = {"pk": "row", "sk": "job", "attempt": {"number": 1, "sender": "me"}, "counts": {"polls": 0}}


@pytest.fixture
def table() -> Iterator[Table]:
    with empty_cloud():
        table = Table("jobs")
        table.put(ROW)
        yield table


def test_assignments_set_what_has_a_value_and_remove_the_rest() -> None:
    changes = {"status": "draft", "error_message": None, "size": 0}
    expression, names, values = assignments(changes, {"version": 1}, {})
    assert expression == "SET #a0 = :a0, #a2 = :a2 REMOVE #a1 ADD #a3 :a3"
    assert list(names) == ["#a0", "#a1", "#a2", "#a3"]
    assert list(names.values()) == ["status", "error_message", "size", "version"]
    assert values == {":a0": "draft", ":a2": 0, ":a3": 1}


def test_paths_change_what_is_within_a_map_and_nothing_beside_it(table: Table) -> None:
    changes = {"attempt.sending": True, "attempt.sender": None, "status": "submitting"}
    write = table.set_write("row", "job", changes, add={"counts.polls": 2, "ids": {"a"}})
    assert table.apply(write) == {
        **ROW,
        "attempt": {"number": 1, "sending": True},
        "counts": {"polls": 2},
        "status": "submitting",
        "ids": {"a"},
    }


def test_what_is_set_once_keeps_its_first_value(table: Table) -> None:
    for moment in ("first", "second"):
        once = {"attempt.accepted_at": moment, "settled_at": moment}
        row = table.apply(table.set_write("row", "job", {}, once=once))
    assert (row["attempt"]["accepted_at"], row["settled_at"]) == ("first", "first")


def test_a_path_into_a_map_that_is_not_there_is_refused(table: Table) -> None:
    with pytest.raises(ClientError) as refused:
        table.apply(table.set_write("row", "job", {"delivery.result": "{}"}))
    assert refused.value.response["Error"]["Code"] == "ValidationException"
