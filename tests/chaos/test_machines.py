"""Generation jobs whose answers of a state are lost."""

import pytest

from tests.statemachines.conftest import Workshop
from tests.statemachines.test_generation import check_killed

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("function", ["generation_submit", "generation_collect"])
def test_the_reply_to_its_answer_is_lost(workshop: Workshop, function: str) -> None:
    """A job that nobody holds a token of: Submit fails by a route, Collect succeeds."""
    operation = "SendTaskFailure" if function == "generation_submit" else "SendTaskSuccess"
    workshop.break_call(
        service="states", operation=operation, function=function, nth=1, action="drop_reply"
    )
    check_killed(workshop, is_piece=False)
