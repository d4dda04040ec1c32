"""Functions in real processes: environment, limits, deaths, overlap, Invoke."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local.lambdas.invocation import Throttled
from local.lambdas.service import FunctionPool
from local.stack import FunctionFailed, Stack
from tests.local.conftest import control
from tests.support.http import eventually


def test_the_environment_is_lambdas_and_the_templates(small: Stack) -> None:
    answer = small.invoke("echo", {"a": 1})
    there = answer["environment"]
    assert answer["event"] == {"a": 1}
    assert there["AWS_LAMBDA_FUNCTION_NAME"] == "small-echo"
    assert there["AWS_LAMBDA_FUNCTION_VERSION"] == "$LATEST"
    assert there["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128"
    assert there["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert there["_HANDLER"] == "app.handler"
    assert there["OWN"] == "1"
    assert there["JOINED"] == f"b-yes-{small.settings.account}"
    assert there["AWS_ENDPOINT_URL"] == small.aws_endpoint
    assert Path(there["LAMBDA_TASK_ROOT"]).name == "echo"
    assert "HOME" not in there
    assert answer["stdin"] == ""
    assert answer["arn"] == small.template.lookup("EchoFunction", "Arn")
    assert 4000 < answer["left_ms"] <= 5000


def test_a_providers_base_url_leads_past_the_process_key(small: Stack) -> None:
    there = small.invoke("echo", {})["environment"]
    expected = f"{small.providers_url}/_p/{there['AWS_ACCESS_KEY_ID']}/kling"
    assert there["VENDOR_BASE_URL"] == expected


def test_a_process_stays_warm_and_overlapping_calls_get_their_own(small: Stack) -> None:
    assert small.invoke("echo", {})["pid"] == small.invoke("echo", {})["pid"]
    with ThreadPoolExecutor(3) as threads:
        answers = threads.map(lambda _: small.invoke("echo", {"sleep_seconds": 0.4}), range(3))
    assert len({answer["pid"] for answer in answers}) == 3


def test_errors_have_lambdas_shape(small: Stack) -> None:
    with pytest.raises(FunctionFailed) as failed:
        small.invoke("echo", {"fail": True})
    assert failed.value.error["errorType"] == "ValueError"
    assert failed.value.error["errorMessage"] == "asked to fail"
    assert failed.value.error["stackTrace"]


def test_a_process_that_ends_is_an_exit_error(small: Stack) -> None:
    with pytest.raises(FunctionFailed) as failed:
        small.invoke("echo", {"exit": 3})
    assert failed.value.error["errorType"] == "Runtime.ExitError"
    assert failed.value.error["errorMessage"].endswith("Runtime exited with error: exit status 3")
    assert small.invoke("echo", {})


def test_a_timeout_kills_the_process(small: Stack) -> None:
    pid = small.invoke("BriefFunction", {})["pid"]
    with pytest.raises(FunctionFailed) as failed:
        small.invoke("BriefFunction", {"sleep_seconds": 3})
    assert failed.value.error["errorType"] == "Sandbox.Timedout"
    assert "Task timed out after 1.00 seconds" in failed.value.error["errorMessage"]
    eventually(lambda: not Path(f"/proc/{pid}").exists())


def test_kill_ends_what_is_running(small: Stack) -> None:
    errors: list[FunctionFailed] = []

    def call() -> None:
        try:
            small.invoke("echo", {"sleep_seconds": 4, "mark": "to be killed"})
        except FunctionFailed as error:
            errors.append(error)

    calling = threading.Thread(target=call)
    calling.start()
    eventually(lambda: "to be killed" in small.log("echo"))
    assert control(small, "POST", "lambdas/echo/kill")["killed"] >= 1
    calling.join(5)
    assert errors[0].error["errorType"] == "Runtime.ExitError"
    assert "signal: killed" in errors[0].error["errorMessage"]


def test_an_answer_over_six_megabytes_is_refused(small: Stack) -> None:
    with pytest.raises(FunctionFailed) as failed:
        small.invoke("echo", {"large": 7_000_000})
    assert failed.value.error["errorType"] == "Function.ResponseSizeTooLarge"


def test_invoke_over_http(small: Stack) -> None:
    client = small.clients.make("lambda")
    answer = client.invoke(FunctionName="small-echo", Payload=b'{"a": 2}')
    assert json.loads(answer["Payload"].read())["event"] == {"a": 2}
    failed = client.invoke(FunctionName="small-echo", Payload=b'{"fail": true}')
    assert failed["FunctionError"] == "Unhandled"
    assert json.loads(failed["Payload"].read())["errorType"] == "ValueError"
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.invoke(FunctionName="nobody")


def test_an_event_is_accepted_at_once_and_retried(small: Stack) -> None:
    client = small.clients.make("lambda")
    body = json.dumps({"key": "event-retried", "fail": 2}).encode()
    arn = small.template.lookup("TaskFunction", "Arn")
    answer = client.invoke(FunctionName=arn, InvocationType="Event", Payload=body)
    assert answer["StatusCode"] == 202
    key = {"pk": {"S": "event-retried"}, "sk": {"S": "attempts"}}

    def attempts() -> str:
        table = small.variable("TABLE")
        item = small.clients.dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)
        return str(item.get("Item", {}).get("attempts", {}).get("N"))

    eventually(lambda: attempts() == "3")


def test_a_broken_import_is_the_init_error(small: Stack, tmp_path: Path) -> None:
    pool = small.functions.pool("echo")
    (tmp_path / "app.py").write_text("import no_such_module")
    spec = replace(pool.spec, code=tmp_path, folder="broken", name="broken")
    outcome = FunctionPool(spec, pool.around, pool.starter).invoke(b"{}")
    assert json.loads(outcome.payload)["errorType"] == "Runtime.ImportModuleError"


def test_a_missing_wrapper_is_an_invalid_entrypoint(small: Stack) -> None:
    pool = small.functions.pool("echo")
    wrapped = {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bin/nothing"}
    spec = replace(pool.spec, environment={**pool.spec.environment, **wrapped})
    outcome = FunctionPool(spec, pool.around, pool.starter).invoke(b"{}")
    assert json.loads(outcome.payload)["errorType"] == "Runtime.InvalidEntrypoint"


def test_more_calls_than_reserved_are_throttled(small: Stack) -> None:
    body = b'{"sleep_seconds": 0.5, "mark": "holds the only process"}'
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(small.functions.invoke, "BriefFunction", body)
        eventually(lambda: "holds the only process" in small.log("echo"))
        with pytest.raises(Throttled):
            small.functions.invoke("BriefFunction", b"{}")
        assert first.result().function_error is None
