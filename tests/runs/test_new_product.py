"""A product with runs takes one package and no change below it: a toy one, on the stack."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_socket import enable_socket

from local.settings import ROOT, StackSettings
from local.stack import Stack
from local.template import load_yaml
from tests.films.conftest import Studio, _event
from tests.support.http import eventually
from tests.support.stacks import STARTED, Stacks

TOY = Path(__file__).with_name("toy")


@pytest.fixture(scope="module")
def toy_stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, stacks: Stacks
) -> Iterator[Stack]:
    """The product's template with the toy's resources in it."""
    STARTED.add(request.config, ["toy"])
    enable_socket()
    folder = tmp_path_factory.mktemp("toy")
    for name in ("functions", "layers", "statemachines"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "toy").symlink_to(TOY)
    document = load_yaml(ROOT / "template.yaml")
    toy = load_yaml(TOY / "template.yaml")
    document["Resources"] |= toy["Resources"]
    document["Resources"]["Api"]["Properties"]["DefinitionBody"]["paths"] |= toy["Paths"]
    template = folder / "template.yaml"
    template.write_text(json.dumps(document))
    settings = StackSettings(template=template, generation_seconds=0.3)
    with Stack(settings, stacks.starter) as running:
        yield running


@pytest.fixture
def studio(toy_stack: Stack) -> Iterator[Studio]:
    enable_socket()
    made = httpx.post(f"{toy_stack.aws_endpoint}/_local/workspaces", json={"credits": 100}).json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    with httpx.Client(base_url=toy_stack.base_url, headers=headers, timeout=30) as client:
        yield Studio(toy_stack, made["workspace_id"], made["token"], client)
    httpx.delete(f"{toy_stack.providers_url}/_sim")


def begin(studio: Studio, prompt: str = "a house") -> Any:
    body = {"workspaceId": studio.workspace_id, "prompt": prompt}
    return studio.json("POST", "/api/toys", body)


def events(studio: Studio, run_id: str, after: int = 0) -> list[Any]:
    """What one stream tells; it ends after 20 s at most."""
    headers = {"Last-Event-ID": str(after)}
    answer = studio.http.get(f"/api/toys/{run_id}/events", headers=headers)
    return [_event(block) for block in answer.text.split("\n\n") if block and block[0] != ":"]


def outcome(studio: Studio, run_id: str) -> Any:
    """The run as its last event tells it."""

    def last() -> Any:
        found = events(studio, run_id)[-1]
        return found[2] if found[0] == "end" else None

    return eventually(last)


def slow_down(studio: Studio) -> None:
    fault = {"provider": "fal", "operation": "submit", "fault": "slow", "delay_seconds": 20}
    httpx.post(f"{studio.stack.providers_url}/_sim/faults", json=fault).raise_for_status()


def test_the_whole_product_is_one_short_file() -> None:
    assert len((TOY / "app.py").read_text().splitlines()) < 120


def test_runs_wait_their_turn_and_have_events_of_their_own(studio: Studio) -> None:
    first, second = begin(studio), begin(studio)
    assert (first["queuePosition"], second["queuePosition"]) == (None, 1)
    told = events(studio, first["id"])
    names = [name for name, _, _ in told]
    assert names[0] == "status"
    assert names[-3:] == ["picture", "status", "end"]
    *_, (_, number, picture), (_, _, ended), _ = told
    assert ended["output"] == picture
    assert picture["picture"]
    assert ended["credits"]["held"] == 30
    assert ended["credits"]["posted"] + ended["credits"]["released"] == 30
    again = events(studio, first["id"], number)
    assert [name for name, _, _ in again] == ["status", "end"], "it resumes after what was seen"
    assert outcome(studio, second["id"])["status"] == "completed"
    account = studio.credits()
    assert account["held"] == 0
    assert account["balance"] == 100 - 2 * ended["credits"]["posted"]


def test_a_canceled_run_frees_its_place_and_its_credits(studio: Studio) -> None:
    slow_down(studio)
    first, second = begin(studio), begin(studio)
    canceled = studio.json("POST", f"/api/toys/{first['id']}/cancel")
    assert canceled["status"] == "canceled"
    assert canceled["credits"] == {"held": 30, "posted": 0, "released": 30}
    assert outcome(studio, first["id"])["status"] == "canceled"
    assert outcome(studio, second["id"])["status"] == "completed"


def test_the_sweep_ends_a_run_whose_execution_died(studio: Studio) -> None:
    slow_down(studio)
    run_id = begin(studio)["id"]
    stack = studio.stack
    states = stack.clients.make("stepfunctions")
    machine = next(m for m in states.list_state_machines()["stateMachines"] if m["name"] == "toy")
    execution = machine["stateMachineArn"].replace(":stateMachine:", ":execution:") + f":{run_id}"
    eventually(lambda: studio.vendor_tasks() or None)
    states.stop_execution(executionArn=execution)

    def swept() -> Any:
        stack.clients.make("lambda").invoke(FunctionName="toy-sweep", Payload=b"{}")
        last = events(studio, run_id)[-1]
        return last if last[0] == "end" else None

    assert eventually(swept)[2]["status"] == "failed"
    assert studio.credits()["held"] == 0
