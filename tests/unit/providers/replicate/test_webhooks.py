import pytest

from showreel.providers.replicate.webhooks import read_notice
from showreel.providers.webhooks import Notice


@pytest.mark.parametrize(
    ("status", "is_final"),
    [
        ("starting", False),
        ("processing", False),
        ("succeeded", True),
        ("failed", True),
        ("canceled", True),
        ("aborted", True),
        ("succeed", False),
        (["failed"], False),
    ],
)
def test_replicate_sends_its_prediction(status, is_final):
    data = {"id": "gm3qorzdhg", "status": status, "external_id": "j-1"}
    expected = Notice(external_id=None, is_final=is_final, task_id="gm3qorzdhg")
    assert read_notice(data) == expected


@pytest.mark.parametrize("task_id", [7, None, "", "x" * 129, {}])
def test_an_id_that_cannot_be_one_is_left_out(task_id):
    data = {"id": task_id, "status": "failed"}
    assert read_notice(data) == Notice(external_id=None, is_final=True)
