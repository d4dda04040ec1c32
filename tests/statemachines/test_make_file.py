"""The step MakeFile in the running stack: a vendor that answers with the file itself."""

from typing import Any

import pytest

from tests.statemachines.conftest import Workshop
from tests.support.http import call, eventually
from tests.support.samples import first

pytestmark = pytest.mark.stack
PRICE = 5
UPDATE = {"service": "dynamodb", "operation": "UpdateItem"}


def start(workshop: Workshop, **changes: Any) -> str:
    text = "Rain on a tin roof"
    fields: dict[str, Any] = {
        "kind": "elevenlabs-sfx",
        "catalogue_id": "elevenlabs-sfx",
        "media_type": "audio",
        "prompt": text,
        "inputs": {"text": text, "duration_seconds": 3},
        "image_key": None,
        "duration_seconds": 3,
        "output_prefix": "audio",
    }
    return workshop.start(**(fields | changes))


def creates(workshop: Workshop) -> int:
    """How many creates the vendor was sent since the test began."""
    url = f"{workshop.stack.providers_url}/_sim/requests?provider=elevenlabs&operation=submit"
    return len(call("GET", url)[1]["requests"])


@pytest.fixture
def maker(workshop: Workshop) -> Workshop:
    call("DELETE", f"{workshop.stack.providers_url}/_sim")
    return workshop


def test_a_sound_takes_two_steps_and_no_waiting(maker: Workshop) -> None:
    job_id = start(maker)
    job = maker.settled(job_id)
    assert (job.status, job.error_code) == ("completed", None)
    assert maker.history(job_id) == ["Submit", "MakeFile", "Collect"]
    assert maker.output_exists(job)
    assert maker.spent() == PRICE


def test_a_busy_vendor_is_waited_for(maker: Workshop) -> None:
    maker.spoil("submit", "rate_limited", provider="elevenlabs", retry_after=1)
    job_id = start(maker)
    assert maker.settled(job_id).status == "completed"
    waited = ["Submit", "MakeFile", "PlanBackoff", "Backoff"]
    assert maker.history(job_id)[: len(waited)] == waited
    assert (creates(maker), maker.spent()) == (2, PRICE)


def test_a_child_answers_its_parents_token(maker: Workshop) -> None:
    """Over already, here: a token that nobody waits for must not stop the job from settling."""
    assert maker.settled(start(maker, parent_token="gone")).status == "completed"


@pytest.mark.parametrize(
    ("fault", "status"),
    first(
        2,
        [
            ({"service": "s3", "operation": "PutObject", "nth": 1, "when": "before"}, "failed"),
            ({"service": "s3", "operation": "PutObject", "nth": 1, "when": "after"}, "completed"),
            (UPDATE | {"nth": 1, "when": "after"}, "failed"),
            (UPDATE | {"nth": 2, "when": "before"}, "completed"),
            (UPDATE | {"nth": 2, "when": "after"}, "completed"),
        ],
    ),
)
def test_a_maker_that_dies_orders_once_and_loses_no_stored_file(
    maker: Workshop, fault: dict[str, Any], status: str
) -> None:
    maker.break_call(action="kill", function="generation_make", **fault)
    job = maker.settled(start(maker))
    assert eventually(maker.broken_calls) == 1
    assert job.status == status
    assert job.error_code == (None if status == "completed" else "submit_unknown")
    assert creates(maker) <= 1
    assert maker.spent() == (PRICE if status == "completed" else 0)


@pytest.mark.parametrize("service", ["dynamodb", "s3"])
def test_a_lost_reply_of_ours_changes_nothing(maker: Workshop, service: str) -> None:
    operation = "UpdateItem" if service == "dynamodb" else "PutObject"
    maker.break_call(
        service=service, operation=operation, action="drop_reply", function="generation_make"
    )
    job = maker.settled(start(maker))
    assert (job.status, creates(maker), maker.spent()) == ("completed", 1, PRICE)
