"""A run for Trigger.dev's clients: who may read it, and what a fault is answered."""

import json
from typing import Any

import pytest

from showreel.core import dynamo
from showreel.core.dynamo import Table, transact
from showreel.core.errors import Transient
from showreel.identity import issue_run_token
from showreel.runs.models import RunView
from showreel.runs.store import Runs
from tests.unit.films.pipeline.support import make_run

from .conftest import EXAMPLE, Invoke

RUN = EXAMPLE["run_id"]
BOTH = pytest.mark.parametrize("function", ["realtime_run", "retrieve_run"])
ORIGIN = "https://app.example.com"


@pytest.fixture
def run(cloud: None) -> str:
    """The token of a run that waits."""
    runs = Runs(Table("runs"), lambda run: RunView.model_validate(run.model_dump()))
    transact(runs.create_writes(make_run(RUN)))
    return issue_run_token(RUN)


def with_token(token: str) -> dict[str, Any]:
    return {"user": None, "headers": {"Authorization": f"Bearer {token}", "Origin": ORIGIN}}


@BOTH
def test_its_own_token_reads_it_also_in_a_browser(invoke: Invoke, function: str, run: str) -> None:
    answer = invoke(function, **with_token(run))
    assert answer["statusCode"] == 200
    headers = {name.lower(): of for name, of in answer["multiValueHeaders"].items()}
    assert headers["access-control-allow-origin"] == ["*"]
    exposed = headers["access-control-expose-headers"][0].replace(" ", "").split(",")
    assert {"electric-offset", "electric-handle", "electric-schema", "electric-cursor"} <= {
        *exposed
    }
    assert headers["cache-control"] == ["no-store"]


@BOTH
def test_without_the_runs_own_token_it_is_401_or_403(
    invoke: Invoke, function: str, run: str
) -> None:
    assert invoke(function, user=None)["statusCode"] == 401
    assert invoke(function, user="user-1")["statusCode"] == 401, "a user's token is none of a run"
    assert invoke(function, **with_token(f"{run}x"))["statusCode"] == 401
    other = invoke(function, **with_token(issue_run_token("run_other")))
    assert (other["statusCode"], other["json"]["code"]) == (403, "forbidden")


@BOTH
def test_404_is_for_a_run_that_is_not_there(invoke: Invoke, function: str) -> None:
    answer = invoke(function, **with_token(issue_run_token(RUN)))
    assert (answer["statusCode"], answer["json"]["code"]) == (404, "not_found")


@BOTH
def test_a_passing_fault_is_503_which_clients_try_again(
    invoke: Invoke, function: str, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def throttled(*_: object, **__: object) -> None:
        raise Transient("DynamoDB: throttled")

    monkeypatch.setattr(dynamo, "_call", throttled)
    answer = invoke(function, **with_token(run))
    assert (answer["statusCode"], answer["json"]["code"]) == (503, "try_again")


def test_an_offset_of_no_feed_is_400_with_its_name(invoke: Invoke, run: str) -> None:
    answer = invoke("realtime_run", **with_token(run), query={"offset": "x", "live": "true"})
    assert answer["statusCode"] == 400
    assert answer["json"]["details"][0]["field"] == "offset"


def test_what_the_client_sends_besides_is_accepted(invoke: Invoke, run: str) -> None:
    query = {"offset": "-1", "log": "full", "cursor": "", "handle": "h", "live": "true"}
    query |= {"skipColumns": "payload,output", "expired_handle": "old"}
    answer = invoke("realtime_run", **with_token(run), query=query)
    assert answer["json"][-1] == {"headers": {"control": "up-to-date"}}
    assert json.loads(answer["json"][0]["value"]["metadata"])["status"]["step"] == "queued"
