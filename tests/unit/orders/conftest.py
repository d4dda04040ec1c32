"""Tables, a workspace with credits and a state machine in this process."""

import json
from collections.abc import Iterator

import pytest

from showreel.core import settings as core_settings
from showreel.core.dynamo import Table
from showreel.credits.ledger import ledger
from showreel.generation import engine as engines
from tests.support.cloud import client, empty_cloud, forget_machines
from tests.unit.generation.conftest import ENVIRONMENT

GRANT = 1000
OWNER, STRANGER = "owner", "stranger"
WORKSPACE = "ws_1"
MACHINE = "stack-generation"
FUNCTION_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:orders"
ORDERS_ENVIRONMENT = ENVIRONMENT | {
    "IDENTITY_TABLE": "identity",
    "SYNC_WINDOW_SECONDS": "55",
    "GENERATION_TIMEOUT_SECONDS": "900",
    "LATE_RESULT_SECONDS": "600",
    "FAILED_GENERATION_POLICY": "charge",
}


class Shop:
    """What stands behind the counter."""

    def executions(self) -> list[str]:
        """Names of the executions that were started."""
        arn = f"arn:aws:states:eu-central-1:123456789012:stateMachine:{MACHINE}"
        states = client("stepfunctions")
        return [one["name"] for one in states.list_executions(stateMachineArn=arn)["executions"]]

    def open_machine(self) -> None:
        """From now on executions can be started."""
        last = {"StartAt": "Wait", "States": {"Wait": {"Type": "Pass", "End": True}}}
        client("stepfunctions").create_state_machine(
            name=MACHINE, definition=json.dumps(last), roleArn="arn:aws:iam::123456789012:role/x"
        )

    def held(self) -> list[int]:
        """The amounts of the open holds."""
        return [hold.amount for hold in ledger().open_holds(WORKSPACE)]

    def job_ids(self) -> list[str]:
        rows = client("dynamodb").scan(TableName="jobs")["Items"]
        return [row["id"]["S"] for row in rows if row["pk"]["S"].startswith("job#")]


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    clear_all()
    with empty_cloud():
        for name, value in ORDERS_ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        forget_machines()
        member = {"pk": f"workspace#{WORKSPACE}", "sk": f"member#{OWNER}", "role": "owner"}
        Table("identity").put(member)
        ledger().grant(WORKSPACE, GRANT, "welcome")
        yield Shop()
    clear_all()


def clear_all() -> None:
    core_settings.settings.cache_clear()
    engines.engine.cache_clear()
    engines.jobs.cache_clear()
