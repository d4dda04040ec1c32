"""What the stack would be billed for: units, steps, requests and CPU of known calls."""

import contextlib
import subprocess
import sys
import uuid
from typing import Any

from botocore.exceptions import ClientError

from local.metering.processes import ProcessMeter
from local.metering.tally import Counts, Tally
from local.stack import Stack
from tests.local.test_step_functions import finish, start
from tests.support.http import eventually, send


def counts(stack: Stack) -> Counts:
    assert stack.meter is not None
    return stack.meter.counts()


def row(key: str, **more: Any) -> dict[str, Any]:
    return {"pk": {"S": key}, "sk": {"S": "a"}, **more}


def test_writes_cost_their_size_their_index_and_twice_in_a_transaction(small: Stack) -> None:
    table, key = small.variable("TABLE"), str(uuid.uuid4())
    large = row(key, text={"S": "x" * 1500}, owner={"S": "me"})
    before = counts(small)
    small.clients.dynamodb.put_item(TableName=table, Item=large)
    assert (counts(small) - before).total("dynamodb write units") == 2 + 2

    before, entry = counts(small), {"Put": {"TableName": table, "Item": row(str(uuid.uuid4()))}}
    small.clients.dynamodb.transact_write_items(TransactItems=[entry])
    assert (counts(small) - before).total("dynamodb write units") == 2


def test_a_refused_condition_costs_as_much_as_the_item_that_refused_it(small: Stack) -> None:
    table, key = small.variable("TABLE"), str(uuid.uuid4())
    small.clients.dynamodb.put_item(TableName=table, Item=row(key, text={"S": "x" * 1500}))
    before = counts(small)
    with contextlib.suppress(ClientError):
        small.clients.dynamodb.put_item(
            TableName=table, Item=row(key), ConditionExpression="attribute_not_exists(pk)"
        )
    assert (counts(small) - before).total("dynamodb write units") == 2


def test_a_query_costs_what_it_looked_at_not_what_its_filter_left(small: Stack) -> None:
    table, key = small.variable("TABLE"), str(uuid.uuid4())
    for number in range(3):
        item = row(key, text={"S": "x" * 3000}) | {"sk": {"S": str(number)}}
        small.clients.dynamodb.put_item(TableName=table, Item=item)
    before = counts(small)
    answer = small.clients.dynamodb.query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        FilterExpression="#s = :none",
        ExpressionAttributeNames={"#s": "text"},
        ExpressionAttributeValues={":pk": {"S": key}, ":none": {"S": "none"}},
        ConsistentRead=True,
    )
    assert answer["Items"] == []
    assert (counts(small) - before).total("dynamodb read units") == 3


def test_every_entered_state_and_every_retry_is_a_transition(small: Stack) -> None:
    before = counts(small)
    task = {"key": str(uuid.uuid4())}
    finish(small, start(small, {"kind": "map", "tasks": [task, {"key": str(uuid.uuid4())}]}))
    mapped = counts(small) - before
    assert mapped.total("state transitions") == len(["Which", "Each", "One", "One"])

    before = counts(small)
    finish(small, start(small, {"kind": "once", "task": {"key": str(uuid.uuid4()), "die": 1}}))
    retried = counts(small) - before
    assert retried.total("state transitions") == len(["Which", "Once", "Once again"])
    assert retried.total("executions") == 1


def test_a_request_is_counted_for_its_function_with_its_invocation(small: Stack) -> None:
    before = counts(small)
    answer = send("GET", f"{small.base_url}/items/7")

    def invoked() -> Any:
        return (counts(small) - before).only(lambda source: source == "echo").invocations

    eventually(lambda: send("GET", f"{small.base_url}/items/8") and invoked())
    seen = counts(small) - before
    assert seen.by_source("api requests")["echo"] >= 2
    assert seen.by_source("internet bytes")["echo"] > len(answer.body)
    assert invoked()[0].memory_mb == 128
    assert 0 < invoked()[0].python_seconds < 5


def test_objects_are_counted_by_the_class_of_their_request(small: Stack) -> None:
    bucket, before = small.variable("BUCKET"), counts(small)
    small.clients.s3.put_object(Bucket=bucket, Key="a", Body=b"12345")
    small.clients.s3.get_object(Bucket=bucket, Key="a")["Body"].read()
    small.clients.s3.delete_object(Bucket=bucket, Key="a")
    seen = counts(small) - before
    assert (seen.total("s3 puts"), seen.total("s3 gets")) == (1, 1)
    assert seen.total("internet bytes") == 5


BURNER = """
import subprocess, sys
for line in sys.stdin:
    sum(range(3_000_000))
    subprocess.run([sys.executable, "-c", "sum(range(6_000_000))"])
    print("done", flush=True)
"""


def test_the_cpu_of_a_process_and_of_its_children_is_measured_apart() -> None:
    tally = Tally()
    meter = ProcessMeter(tally)
    meter.started("key", "burner", 512)
    with subprocess.Popen(
        [sys.executable, "-c", BURNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        meter.asks("key", process.pid)
        meter.begins("key", process.pid)
        print("go", file=process.stdin, flush=True)
        process.stdout.readline()
        meter.asks("key", process.pid)
        process.stdin.close()
    (one,) = tally.counts().invocations
    assert one.is_cold
    assert one.python_seconds > 0.01
    assert one.child_seconds > 0.01
    assert one.wall_seconds >= one.python_seconds


def test_two_moments_subtract_to_what_came_between() -> None:
    tally = Tally()
    tally.add("api requests", None)
    before = tally.counts()
    tally.add("api requests", "runs", 2)
    assert (tally.counts() - before).by_source("api requests") == {"runs": 2}
