"""A runs table in this process, and plans to work on."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from showreel.core import aws
from showreel.core.dynamo import Table, transact
from showreel.films.pipeline import context, progress, transitions
from showreel.films.pipeline.pieces import Pieces
from showreel.films.pipeline.plan import Plan
from showreel.runs.models import Run
from showreel.runs.store import Runs
from tests.unit.films.pipeline.support import RUN, make_run

ATTRIBUTES = {"pk": "S", "sk": "S", "due_shard": "S", "due_at": "N"}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    aws.client.cache_clear()
    with mock_aws():
        yield make_table()
    aws.client.cache_clear()


def make_table() -> Table:
    boto3.client("dynamodb").create_table(
        TableName="runs",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_keys("pk", "sk"),
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind} for name, kind in ATTRIBUTES.items()
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "due",
                "KeySchema": _keys("due_shard", "due_at"),
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    return Table("runs")


def _keys(*names: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": name, "KeyType": kind}
        for name, kind in zip(names, ("HASH", "RANGE"), strict=True)
    ]


@pytest.fixture
def runs(table: Table) -> Runs:
    return Runs(table)


@pytest.fixture
def run(runs: Runs) -> Run:
    run = make_run()
    transact(runs.create_writes(run))
    return run


@pytest.fixture
def wired(table: Table, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> Pieces:
    """The pipeline's own context, over this table."""
    for module in (transitions, progress):
        monkeypatch.setattr(module, "context", context)
    monkeypatch.setattr(context, "runs_table", lambda: table)
    return Pieces(table, RUN)


def store_plan(pieces: Pieces, plan: Plan) -> None:
    transact(pieces.create_writes(plan))
