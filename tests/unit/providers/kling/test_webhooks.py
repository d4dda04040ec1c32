import pytest

from showreel.providers.kling.webhooks import read_notice
from showreel.providers.webhooks import Notice


@pytest.mark.parametrize(
    ("data", "notice"),
    [
        (
            {"task_id": "1", "task_status": "succeed", "task_info": {"external_task_id": "j-1"}},
            Notice("j-1", is_final=True, task_id="1"),
        ),
        (
            {"task_id": "1", "task_status": "processing", "task_info": {"external_task_id": "j-1"}},
            Notice("j-1", is_final=False, task_id="1"),
        ),
        (
            {"id": "1", "status": "succeeded", "external_id": "j-2"},
            Notice("j-2", is_final=True, task_id="1"),
        ),
        ({"task_status": "failed", "task_info": None}, Notice(None, is_final=True)),
        ({"task_status": ["failed"], "task_info": []}, Notice(None, is_final=False)),
        ({"task_id": ["1"], "id": 1}, Notice(None, is_final=False)),
        ({}, Notice(None, is_final=False)),
    ],
)
def test_both_forms_of_kling_are_read(data, notice):
    assert read_notice(data) == notice
