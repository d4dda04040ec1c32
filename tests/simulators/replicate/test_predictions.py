"""Replicate's wire, driven by the vendor's own package."""

from typing import Any

import httpx
import pytest
from pydantic.v1 import ValidationError
from replicate.exceptions import ModelError, ReplicateError
from replicate.webhook import Webhooks, WebhookSigningSecret

from tests.simulators.conftest import REPLICATE_TOKEN, REPLICATE_WEBHOOK_SECRET, Customer
from tests.support.http import eventually

GEN4 = "runwayml/gen4-turbo"
GEN4_VERSION = "eb9e9b16bcc7d83db9451bcfc5a1dd061cfe466929e069815918ee937fcd32cc"
KLING3 = "kwaivgi/kling-v3-video"
KLING16 = "kwaivgi/kling-v1.6-pro"


def gen4_input(customer: Customer, **changes: Any) -> dict[str, Any]:
    return {"prompt": "slow zoom in", "image": customer.picture_url, **changes}


def post(customer: Customer, path: str, body: Any, **headers: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {REPLICATE_TOKEN}"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return customer.client.post(f"/replicate/v1/{path}", json=body, headers=headers)


def create(customer: Customer, model: str = GEN4, **headers: str) -> dict[str, Any]:
    answer = post(
        customer, f"models/{model}/predictions", {"input": gen4_input(customer)}, **headers
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def read(customer: Customer, prediction_id: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {REPLICATE_TOKEN}"}
    url = f"/replicate/v1/predictions/{prediction_id}"
    found: dict[str, Any] = customer.client.get(url, headers=headers).json()
    return found


def ended(customer: Customer, prediction_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = read(customer, prediction_id)
        return found if found["completed_at"] else None

    found: dict[str, Any] = eventually(look)
    return found


def order_fault(customer: Customer, operation: str, fault: str, **more: Any) -> None:
    body = {"provider": "replicate", "operation": operation, "fault": fault, **more}
    assert customer.client.post("/_sim/faults", json=body).status_code == 201


def test_a_prediction_from_creation_to_its_file(customer: Customer, replicate_sdk: Any) -> None:
    prediction = replicate_sdk.predictions.create(model=GEN4, input=gen4_input(customer))
    assert (prediction.status, prediction.output) == ("starting", None)
    assert (prediction.model, prediction.version) == (GEN4, "hidden")
    prediction.wait()
    assert prediction.status == "succeeded"
    assert prediction.input == gen4_input(customer)
    assert prediction.metrics["total_time"] >= prediction.metrics["predict_time"] > 0
    assert prediction.created_at < prediction.started_at < prediction.completed_at
    assert prediction.urls["get"].endswith(prediction.id)
    assert httpx.get(prediction.output).content[4:8] == b"ftyp"


def test_an_account_is_shown_only_with_its_key(customer: Customer, replicate_sdk: Any) -> None:
    assert replicate_sdk.accounts.current().username == "showreel"
    answer = customer.client.get("/replicate/v1/account", headers={"Authorization": "Bearer no"})
    assert answer.status_code == 401


@pytest.mark.parametrize("version", [GEN4, GEN4_VERSION, f"{GEN4}:{GEN4_VERSION}"])
def test_a_version_names_a_model_too(customer: Customer, replicate_sdk: Any, version: str) -> None:
    prediction = replicate_sdk.predictions.create(version=version, input=gen4_input(customer))
    assert prediction.model == GEN4
    assert prediction.version == ("hidden" if version == GEN4 else GEN4_VERSION)


def test_a_customer_may_wait_for_the_end(customer: Customer, replicate_sdk: Any) -> None:
    order = gen4_input(customer)
    prediction = replicate_sdk.predictions.create(version=GEN4, input=order, wait=True)
    assert prediction.status == "succeeded"
    customer.settings(generation_seconds=60)
    waiting = post(customer, "predictions", {"version": GEN4, "input": order}, Prefer="wait=1")
    assert (waiting.status_code, waiting.json()["status"]) == (202, "starting")


def test_a_model_runs_in_one_call(customer: Customer, replicate_sdk: Any) -> None:
    output = replicate_sdk.run(GEN4, input=gen4_input(customer))
    assert httpx.get(output).content[4:8] == b"ftyp"


def test_a_running_prediction_is_canceled(customer: Customer, replicate_sdk: Any) -> None:
    customer.settings(generation_seconds=60)
    prediction = replicate_sdk.predictions.create(model=GEN4, input=gen4_input(customer))
    prediction.cancel()
    assert prediction.status == "canceled"
    prediction.reload()
    assert (prediction.status, prediction.output) == ("canceled", None)


def test_what_has_ended_stays_as_it_is(customer: Customer, replicate_sdk: Any) -> None:
    prediction = replicate_sdk.predictions.create(model=GEN4, input=gen4_input(customer))
    prediction.wait()
    prediction.cancel()
    assert prediction.status == "succeeded"


def test_a_deadline_before_the_start_aborts_for_free(
    customer: Customer, replicate_sdk: Any
) -> None:
    customer.settings(generation_seconds=60)
    prediction_id = create(customer, Cancel_After="0.05s")["id"]
    assert ended(customer, prediction_id)["status"] == "aborted"
    assert [task["billable"] for task in customer.tasks()] == [False]
    with pytest.raises(ValidationError):  # the package doesn't know this status
        replicate_sdk.predictions.get(prediction_id)


def test_a_deadline_after_the_start_cancels(customer: Customer) -> None:
    customer.settings(generation_seconds=1)
    prediction = ended(customer, create(customer, Cancel_After="0m0.3s")["id"])
    assert prediction["status"] == "canceled"
    assert [task["billable"] for task in customer.tasks()] == [True]
    body = {"input": gen4_input(customer)}
    refused = post(customer, f"models/{GEN4}/predictions", body, Cancel_After="soon")
    assert refused.status_code == 422


def test_the_list_has_pages_newest_first(customer: Customer, replicate_sdk: Any) -> None:
    body = {"input": {"prompt": "without any picture"}}
    ids = [post(customer, f"models/{KLING16}/predictions", body).json()["id"] for _ in range(101)]
    first = replicate_sdk.predictions.list()
    assert [prediction.id for prediction in first] == ids[:0:-1]
    second = replicate_sdk.predictions.list(first.next)
    assert [prediction.id for prediction in second] == ids[:1]
    assert (first.previous, second.next) == (None, None)
    assert len(replicate_sdk.predictions.list(second.previous)) == 100


def test_models_and_the_secret_can_be_read(customer: Customer, replicate_sdk: Any) -> None:
    model = replicate_sdk.models.get(KLING3)
    assert model.latest_version.openapi_schema["components"]["schemas"]["Input"]["required"] == [
        "prompt"
    ]
    assert replicate_sdk.webhooks.default.secret().key == REPLICATE_WEBHOOK_SECRET
    customer.settings(gone_models=[KLING3])
    with pytest.raises(ReplicateError) as gone:
        replicate_sdk.models.get(KLING3)
    assert gone.value.status == 404


@pytest.mark.parametrize(
    ("target", "status", "title"),
    [
        ({"model": "runwayml/gen1"}, 404, "Not found"),
        ({"model": KLING3}, 404, "Not found"),
        ({"version": "0" * 64}, 422, "Invalid version or not permitted"),
        ({"version": f"{KLING3}:{GEN4_VERSION}"}, 422, "Invalid version or not permitted"),
    ],
)
def test_what_there_is_not_is_refused(
    customer: Customer, replicate_sdk: Any, target: dict[str, str], status: int, title: str
) -> None:
    customer.settings(gone_models=[KLING3])
    with pytest.raises(ReplicateError) as refused:
        replicate_sdk.predictions.create(**target, input=gen4_input(customer))
    assert (refused.value.status, refused.value.title) == (status, title)
    assert customer.tasks() == []


def test_only_the_token_opens(customer: Customer) -> None:
    for value in ["", "Bearer nobody", f"Token {REPLICATE_TOKEN}"]:
        headers = {"Authorization": value}
        answer = customer.client.get("/replicate/v1/predictions", headers=headers)
        assert (answer.status_code, answer.json()["title"]) == (401, "Unauthenticated")
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("model", "changes", "kind", "field"),
    [
        (GEN4, {"prompt": None}, "required", "input"),
        (GEN4, {"image": None}, "required", "input"),
        (GEN4, {"image": "a.jpg"}, "format", "input.image"),
        (GEN4, {"duration": 7}, "enum", "input.duration"),
        (GEN4, {"aspect_ratio": "2:1"}, "enum", "input.aspect_ratio"),
        (GEN4, {"duration": "5"}, "enum", "input.duration"),
        (KLING3, {"duration": 2}, "number_gte", "input.duration"),
        (KLING3, {"duration": 16}, "number_lte", "input.duration"),
        (KLING3, {"generate_audio": "yes"}, "invalid_type", "input.generate_audio"),
        (KLING16, {"cfg_scale": 1.5}, "number_lte", "input.cfg_scale"),
        ("wavespeedai/wan-2.1-i2v-720p", {"num_frames": 101}, "number_lte", "input.num_frames"),
        ("wavespeedai/wan-2.1-i2v-720p", {"max_area": "9x9"}, "enum", "input.max_area"),
    ],
)
def test_the_schema_is_kept(
    customer: Customer, model: str, changes: dict[str, Any], kind: str, field: str
) -> None:
    given = {name: value for name, value in gen4_input(customer, **changes).items() if value}
    answer = post(customer, f"models/{model}/predictions", {"input": given})
    body = answer.json()
    assert (answer.status_code, body["title"]) == (422, "Input validation failed")
    (problem,) = body["invalid_fields"]
    assert (problem["type"], problem["field"]) == (kind, field)
    assert body["detail"] == f"- {field}: {problem['description']}\n"


def test_unknown_inputs_are_ignored_and_unknown_fields_are_not(customer: Customer) -> None:
    path, order = f"models/{GEN4}/predictions", gen4_input(customer, resolution="720p")
    assert post(customer, path, {"input": order}).status_code == 201
    answer = post(customer, path, {"input": order, "model": GEN4})
    text = "Additional property model is not allowed"
    assert answer.json()["invalid_fields"][0]["description"] == text
    wrong = [[], {}, {"input": []}, {"input": order, "webhook": "ftp://x"}]
    for body in [*wrong, {"input": order, "webhook_events_filter": ["all"]}]:
        assert post(customer, path, body).status_code == 422
    assert post(customer, "predictions", {"input": order}).status_code == 422


@pytest.mark.parametrize(
    ("model", "given"),
    [
        (KLING16, {"prompt": "p"}),
        (KLING3, {"prompt": "p", "end_image": "http://127.0.0.1:9/a.jpg"}),
        (KLING3, {"prompt": "p" * 2501}),
        (GEN4, {"prompt": "p", "image": "http://127.0.0.1:9/a.jpg"}),
    ],
)
def test_what_only_a_run_finds_fails_it(
    customer: Customer, replicate_sdk: Any, model: str, given: dict[str, str]
) -> None:
    with pytest.raises(ModelError) as failed:
        replicate_sdk.run(model, input=given)
    assert failed.value.prediction.error.endswith("(E006)")


def test_input_and_output_are_deleted_in_time(customer: Customer) -> None:
    prediction = ended(customer, create(customer)["id"])
    customer.settings(retention_seconds=0)
    removed = read(customer, prediction["id"])
    assert (removed["status"], removed["data_removed"]) == ("succeeded", True)
    assert (removed["input"], removed["output"], removed["logs"]) == ({}, None, "")
    assert httpx.get(prediction["output"]).status_code == 404


def received(customer: Customer, count: int) -> list[tuple[dict[str, str], bytes]]:
    found = customer.pictures.received
    eventually(lambda: len(found) >= count)
    return list(found)


def is_genuine(headers: dict[str, str], body: bytes) -> bool:
    secret = WebhookSigningSecret(key=REPLICATE_WEBHOOK_SECRET)
    try:
        Webhooks.validate(headers=headers, body=body.decode(), secret=secret, tolerance=300)
    except ValueError:
        return False
    return True


def with_webhook(customer: Customer, replicate_sdk: Any, *events: str) -> Any:
    return replicate_sdk.predictions.create(
        model=GEN4,
        input=gen4_input(customer),
        webhook=f"{customer.pictures.base_url}/hook",
        webhook_events_filter=list(events),
    )


def test_webhooks_bring_the_prediction_signed(customer: Customer, replicate_sdk: Any) -> None:
    prediction = with_webhook(customer, replicate_sdk, "start", "completed")
    messages = received(customer, 2)
    statuses = {read_body(body)["status"] for _, body in messages}
    assert statuses == {"processing", "succeeded"}
    assert {read_body(body)["id"] for _, body in messages} == {prediction.id}
    assert all(is_genuine(headers, body) for headers, body in messages)


def test_only_the_wanted_events_come(customer: Customer, replicate_sdk: Any) -> None:
    with_webhook(customer, replicate_sdk, "completed")
    assert [read_body(body)["status"] for _, body in received(customer, 1)] == ["succeeded"]
    replicate_sdk.predictions.create(
        model=GEN4, input=gen4_input(customer), webhook=f"{customer.pictures.base_url}/hook"
    ).wait()
    assert read_body(received(customer, 2)[1][1])["status"] == "succeeded"


def test_a_cancel_is_sent_too(customer: Customer, replicate_sdk: Any) -> None:
    customer.settings(generation_seconds=60)
    with_webhook(customer, replicate_sdk, "completed").cancel()
    assert read_body(received(customer, 1)[0][1])["status"] == "canceled"


def test_webhooks_go_wrong_on_demand(customer: Customer, replicate_sdk: Any) -> None:
    order_fault(customer, "webhook", "webhook_lost")
    with_webhook(customer, replicate_sdk, "completed").wait()
    order_fault(customer, "webhook", "webhook_doubled")
    with_webhook(customer, replicate_sdk, "completed").wait()
    doubled = received(customer, 2)
    assert doubled[0][0]["webhook-id"] == doubled[1][0]["webhook-id"]
    order_fault(customer, "webhook", "webhook_forged")
    with_webhook(customer, replicate_sdk, "completed").wait()
    genuine = [is_genuine(headers, body) for headers, body in received(customer, 4)]
    assert sorted(genuine) == [False, True, True, True]


def read_body(body: bytes) -> dict[str, Any]:
    import json

    found: dict[str, Any] = json.loads(body)
    return found


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("rate_limited", 429),
        ("server_error", 500),
        ("auth", 401),
        ("quota", 402),
        ("invalid_input", 422),
        ("model_gone", 404),
    ],
)
def test_a_create_is_refused_and_makes_nothing(
    customer: Customer, replicate_sdk: Any, fault: str, status: int
) -> None:
    order_fault(customer, "submit", fault, match={"prompt_contains": "zoom"})
    with pytest.raises(ReplicateError) as refused:
        replicate_sdk.predictions.create(model=GEN4, input=gen4_input(customer))
    assert refused.value.status == status
    assert customer.tasks() == []


def test_throttling_names_its_seconds_in_words_or_in_a_header(customer: Customer) -> None:
    path, body = f"models/{GEN4}/predictions", {"input": gen4_input(customer)}
    order_fault(customer, "submit", "rate_limited")
    order_fault(customer, "submit", "rate_limited", retry_after=7)
    silent, plain = post(customer, path, body), post(customer, path, body)
    assert "retry-after" not in silent.headers
    assert silent.json()["detail"].endswith("Your rate limit resets in ~2s.")
    assert plain.headers["retry-after"] == "7"
    assert plain.json()["detail"].endswith("Your rate limit resets in ~7s.")


@pytest.mark.parametrize(
    ("operation", "fault", "code"),
    [
        ("submit", "content_policy", "(E005)"),
        ("poll", "content_policy", "(E005)"),
        ("submit", "failed", "(E004)"),
        ("poll", "failed", "(E004)"),
    ],
)
def test_failures_have_the_vendors_codes(
    customer: Customer, operation: str, fault: str, code: str
) -> None:
    order_fault(customer, operation, fault, match={"prompt_contains": "zoom"})
    prediction = ended(customer, create(customer)["id"])
    assert prediction["status"] == "failed"
    assert prediction["error"].endswith(code)


def test_lost_answers_hide_accepted_predictions(customer: Customer) -> None:
    order_fault(customer, "submit", "drop_reply")
    order_fault(customer, "cancel", "drop_reply")
    with pytest.raises(httpx.RemoteProtocolError):
        create(customer)
    (task,) = customer.tasks()
    with pytest.raises(httpx.RemoteProtocolError):
        post(customer, f"predictions/{task['task_id']}/cancel", {})
    order_fault(customer, "submit", "gateway_timeout")
    body = {"input": gen4_input(customer)}
    assert post(customer, f"models/{GEN4}/predictions", body).status_code == 504
    assert len(customer.tasks()) == 2


def test_a_late_success_and_a_broken_file(customer: Customer) -> None:
    order_fault(customer, "submit", "late_success", delay_seconds=0.5)
    order_fault(customer, "result", "empty")
    prediction = ended(customer, create(customer)["id"])
    assert prediction["metrics"]["total_time"] >= 0.5
    assert httpx.get(prediction["output"]).content == b""


def test_an_account_may_be_full(customer: Customer) -> None:
    customer.settings(concurrency=0)
    body = {"input": gen4_input(customer)}
    assert post(customer, f"models/{GEN4}/predictions", body).status_code == 429
