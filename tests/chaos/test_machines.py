"""Generation jobs whose functions die at every write, create, upload and answer."""

import pytest

from tests.statemachines.conftest import Workshop
from tests.statemachines.test_generation import check_killed

pytestmark = pytest.mark.stack


@pytest.mark.parametrize(
    ("function", "nth"),
    [
        ("generation_submit", 1),
        ("generation_submit", 2),
        ("generation_collect", 1),
        ("generation_collect", 2),
        ("generation_submit", 3),
        ("generation_collect", 3),
        ("generation_collect", 4),
    ],
)
def test_killed_at_a_table_write(workshop: Workshop, function: str, nth: int) -> None:
    workshop.break_call(
        service="dynamodb", operation="UpdateItem", function=function, nth=nth, action="kill"
    )
    check_killed(workshop)


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_the_create(workshop: Workshop, when: str) -> None:
    workshop.break_call(
        service="provider",
        operation="submit",
        function="generation_submit",
        nth=1,
        action="kill",
        when=when,
    )
    check_killed(workshop, seconds=120)


def test_killed_in_mid_upload(workshop: Workshop) -> None:
    workshop.break_call(
        service="s3", operation="PutObject", function="generation_collect", nth=1, action="kill"
    )
    check_killed(workshop)


@pytest.mark.parametrize("function", ["generation_submit", "generation_collect"])
@pytest.mark.parametrize("action", ["kill", "drop_reply"])
def test_a_fault_at_the_answer_of_its_state(workshop: Workshop, function: str, action: str) -> None:
    """A job that nobody holds a token of: Submit fails by a route, Collect succeeds."""
    operation = "SendTaskFailure" if function == "generation_submit" else "SendTaskSuccess"
    workshop.break_call(
        service="states", operation=operation, function=function, nth=1, action=action
    )
    check_killed(workshop, is_piece=False)
