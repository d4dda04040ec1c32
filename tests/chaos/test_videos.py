"""Single videos whose functions die before a vendor heard of them, or over their results."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.videos.faults import MODELS, NO_WAIT, Market, Model
from tests.videos.test_kill_points import EACH, _unbroken, delivered, fired, kill

__all__ = ["_unbroken"]
pytestmark = pytest.mark.stack


def test_killed_before_the_vendor_heard_anything(market: Market):
    """Sent once where the vendor surely knows of none; else ended at no cost."""
    purchases = [market.purchase(model, f"killed unheard: {model.id}") for model in MODELS[:3]]
    point = {"service": "provider", "operation": "submit", "function": "generation_submit"}
    kill(market.stack, **point, count=3)
    with ThreadPoolExecutor(3) as buyers:
        ends = list(buyers.map(lambda p: p.end(p.post(NO_WAIT)[1]["job_id"]), purchases))
    assert fired(market.stack) == 3
    outcomes = [p.outcome(202, end) for p, end in zip(purchases, ends, strict=True)]
    assert [str(outcome) for outcome in outcomes] == [
        "202, then `submit_unknown` · 0 · 0",
        "202, then completed · 1 · 20",
        "202, then `submit_unknown` · 0 · 0",
    ]
    assert all(outcome.open_holds == 0 for outcome in outcomes)


@EACH
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_between_download_and_completion(market: Market, model: Model, when: str):
    purchase = market.purchase(model, f"killed {when} the result was stored: {model.id}")
    for operation in ("PutObject", "CompleteMultipartUpload"):  # by the size of the file
        point = {"service": "s3", "operation": operation, "when": when}
        kill(market.stack, **point, function="generation_collect")
    _, answer = purchase.post(NO_WAIT)
    delivered(purchase, answer["job_id"])
    assert fired(market.stack) == 1
