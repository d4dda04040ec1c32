"""`Idempotency-Key`: the first 2xx answer is kept 24 hours and replayed byte for byte.

Uses Powertools' idempotency with a table of its own. Errors are not kept: after a top-up the same
key works. The semantics are those of Stripe's "Idempotent requests" page, with the key scoped to
workspace and route.
"""

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from showreel.core.aws import client
from showreel.core.clock import now_seconds
from showreel.core.errors import Conflict, IdempotencyMismatch, Transient
from showreel.core.ids import digest_of
from showreel.core.settings import IdempotencyTable, settings
from showreel.edge.api import idempotency_header

KEEP_SECONDS = 24 * 3600


@dataclass(frozen=True)
class _Lock:
    """A context from which Powertools reads how long a first request counts as in flight."""

    seconds: int

    def get_remaining_time_in_millis(self) -> int:
        """Returns that time, as Lambda's context does."""
        return self.seconds * 1000


def answer_once(
    app: APIGatewayRestResolver,
    workspace_id: str,
    produce: Callable[[], Response[Any]],
    *,
    lock_seconds: int | None = None,
) -> Response[Any]:
    """Returns `produce()`, or its first answer to the same key in this workspace on this route.

    A first request counts as in flight until it answers or its function's time is up, and with
    `lock_seconds` for no longer than that: `produce` must then itself find what the first one
    made, and whichever answers first answers for both.

    Raises IdempotencyMismatch for the key with another body, Conflict while the first is in flight,
    and whatever `produce` raises.
    """
    key = idempotency_header(app)
    if key is None:
        return produce()
    request = {
        "key": [workspace_id, app.current_event.http_method, app.current_event.path, key],
        "body": app.current_event.decoded_body or "",
    }
    if lock_seconds is None:
        return _response(*_once(app.lambda_context, request, produce))
    return _response(*_once(_Lock(lock_seconds), request, produce, keep=_first))


def _once(
    context: Any,
    request: dict[str, Any],
    produce: Callable[[], Response[Any]],
    keep: Callable[[list[str], dict[str, Any]], dict[str, Any]] = lambda _key, answer: answer,
) -> tuple[dict[str, Any], bool]:
    from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
    from aws_lambda_powertools.utilities.idempotency import exceptions as errors

    replays: list[Any] = []

    def replayed(idempotent_data: Any, record: Any) -> Any:
        """Notes a replay: Powertools calls this for stored answers only."""
        replays.append(record)
        return idempotent_data

    config = IdempotencyConfig(
        event_key_jmespath="key",
        payload_validation_jmespath="body",
        raise_on_no_idempotency_key=True,
        expires_after_seconds=KEEP_SECONDS,
        hash_function="sha256",
        response_hook=replayed,  # type: ignore[arg-type]  # its protocol names no parameters right
        lambda_context=context,
    )

    @idempotent_function(  # type: ignore[untyped-decorator]  # Powertools leaves it untyped
        data_keyword_argument="request",
        config=config,
        persistence_store=_store(),
        key_prefix="http",
    )
    def run(request: dict[str, Any]) -> dict[str, Any]:
        response = produce()
        answer = {"status": response.status_code, "body": response.body}
        return keep(request["key"], answer | {"headers": dict(response.headers)})

    try:
        answer: dict[str, Any] = run(request=request)
    except errors.IdempotencyValidationError as error:
        raise IdempotencyMismatch("This Idempotency-Key was used with another body") from error
    except errors.IdempotencyAlreadyInProgressError as error:
        message = "The first request with this Idempotency-Key is still in flight"
        raise Conflict(message, code="idempotency_in_flight") from error
    except errors.IdempotencyPersistenceLayerError as error:
        raise Transient("the idempotency table can't be used just now") from error
    return answer, bool(replays)


def _first(key: list[str], answer: dict[str, Any]) -> dict[str, Any]:
    """Stores the answer, unless another request with the key was faster; returns the stored one.
    Raises Transient.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    now = now_seconds()
    row = {
        "id": {"S": f"answer#{digest_of(key)}"},
        "answer": {"S": json.dumps(answer)},
        "expiration": {"N": str(now + KEEP_SECONDS)},
    }
    try:
        client("dynamodb").put_item(
            TableName=settings(IdempotencyTable).idempotency_table,
            Item=row,
            ConditionExpression="attribute_not_exists(id) OR expiration < :now",
            ExpressionAttributeValues={":now": {"N": str(now)}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise Transient("the idempotency table can't be used just now") from error
        first: dict[str, Any] = json.loads(error.response["Item"]["answer"]["S"])  # type: ignore[typeddict-item]
        return first
    except BotoCoreError as error:
        raise Transient("the idempotency table can't be used just now") from error
    return answer


@functools.cache
def _store() -> Any:
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

    table = settings(IdempotencyTable).idempotency_table
    return DynamoDBPersistenceLayer(table_name=table, boto3_client=client("dynamodb"))


def _response(answer: dict[str, Any], is_replay: bool) -> Response[Any]:
    headers: dict[str, Any] = dict(answer.get("headers", {}))
    headers |= {"Idempotent-Replayed": "true"} if is_replay else {}
    body = answer["body"]
    text = body if isinstance(body, str) else json.dumps(body)
    return Response(int(answer["status"]), "application/json", text, headers=headers)
