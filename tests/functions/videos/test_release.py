"""A step that fails for good: the state machine's way out ends the job and its money."""

import pytest

from tests.functions.videos.conftest import Buyer

pytestmark = pytest.mark.stack
NOT_RETRIED = {"action": "error", "code": "ValidationException", "status": 400, "count": 50}


def test_a_step_that_cannot_be_retried_ends_the_job_by_its_way_out(buyer: Buyer) -> None:
    buyer.break_call(service="dynamodb", operation="*", function="generation_submit", **NOT_RETRIED)
    answer = buyer.order(headers={"Prefer": "respond-async"})
    job = buyer.ended(answer.json()["job_id"])
    assert (job["status"], job["code"], job["credits_used"]) == ("failed", "internal_error", 0)
    assert buyer.spent() == 0
    assert buyer.vendor_tasks() == []
