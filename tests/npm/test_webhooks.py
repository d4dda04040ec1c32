"""The npm package of Standard Webhooks verifies what a workspace's webhooks are sent."""

import pytest

from local import clock
from local.stack import Stack
from tests.support.document import DOCUMENT, JSON, validate

from .conftest import Author, Script

pytestmark = pytest.mark.stack


def test_standardwebhooks_verifies_a_run_to_its_end_by_the_old_and_the_new_secret(
    stack: Stack, author: Author
) -> None:
    with Script("take_webhooks.mjs", str(clock.offset())) as receiver:
        receiver.until(lambda: receiver.lines)
        url = f"http://127.0.0.1:{receiver.lines[0]['port']}/hook"
        path = f"/api/workspaces/{author.workspace_id}/webhooks"
        events = ["job.completed", "run.completed"]
        made = author.json("POST", path, {"url": url, "events": events})
        new = author.json("POST", f"{path}/{made['id']}/rotate-secret")["secret"]
        receiver.wish([made["secret"]])
        run_id = author.begin(0)
        author.ended(run_id)
        receiver.until(lambda: len(receiver.lines) == 3)
        receiver.wish([new])
        author.json("POST", f"{path}/{made['id']}/test")
        receiver.until(lambda: len(receiver.lines) == 4)
        author.json("DELETE", f"{path}/{made['id']}")
    told = receiver.lines[1:]
    taken = [line["taken"] for line in told]
    assert [one["type"] for one in taken] == ["job.completed", "run.completed", "webhook.test"]
    assert [line["by"] for line in told] == [made["secret"], made["secret"], new]
    assert all("refused" in line["changed"] for line in told)
    assert taken[1]["data"] == author.json("GET", f"/api/runs/{run_id}")
    for one in taken:
        content = DOCUMENT["webhooks"][one["type"]]["post"]["requestBody"]["content"]
        validate(one["type"], content[JSON]["schema"], one)
