"""DynamoDB without HTTP answers like DynamoDB with it, and mended moto like moto's own."""

import os
import subprocess
import sys
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tests.support.cloud import REGION, empty_cloud
from tests.support.direct import answer_directly

KEY = {"pk": {"S": "a"}, "sk": {"S": "1"}}
ITEM = {
    **KEY,
    "text": {"S": "é"},
    "number": {"N": "1.50"},
    "bytes": {"B": b"\0\1"},
    "flag": {"BOOL": True},
    "nothing": {"NULL": True},
    "set": {"SS": ["x", "y"]},
    "map": {"M": {"list": {"L": [{"N": "1"}, {"M": {}}]}}},
}
TEXT: dict[str, Any] = {"ExpressionAttributeValues": {":a": {"S": "a"}}}
VALUES: dict[str, Any] = {"ExpressionAttributeValues": {":a": {"S": "a"}, ":b": {"N": "1"}}}
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("put_item", {"Item": ITEM}),
    ("put_item", {"Item": ITEM, "ReturnValues": "ALL_OLD"}),
    ("put_item", {"Item": ITEM, "ConditionExpression": "attribute_not_exists(pk)"}),
    ("get_item", {"Key": KEY, "ConsistentRead": True}),
    (
        "get_item",
        {"Key": KEY, "ProjectionExpression": "#m", "ExpressionAttributeNames": {"#m": "map"}},
    ),
    ("get_item", {"Key": KEY | {"sk": {"S": "9"}}}),
    (
        "update_item",
        {
            "Key": KEY,
            "UpdateExpression": "SET #n = #n + :one REMOVE flag",
            "ExpressionAttributeNames": {"#n": "number"},
            "ExpressionAttributeValues": {":one": {"N": "1"}},
            "ReturnValues": "ALL_NEW",
        },
    ),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET nonsense"}),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET comment = :a"} | TEXT),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET one = :missing"} | TEXT),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET one = :a, one = :b"} | VALUES),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET pk = :a"} | TEXT),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET one = absent"}),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET a.b.c = :a"} | TEXT),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET one = :a SET two = :b"} | VALUES),
    (
        "update_item",
        {
            "Key": KEY,
            "UpdateExpression": (
                "SET one = if_not_exists(one, :b), bits = list_append(if_not_exists(bits, :l), :l),"
                " #m.deep = :l, spare = #n - :b ADD tally :b, words :s DELETE #s :s REMOVE flag"
            ),
            "ConditionExpression": (
                "attribute_exists(pk) AND (NOT #n > :many OR begins_with(sk, :a))"
                " AND #n BETWEEN :b AND :many AND size(#m) >= :b AND sk IN (:a, :sk)"
            ),
            "ExpressionAttributeNames": {"#m": "map", "#n": "number", "#s": "set"},
            "ExpressionAttributeValues": {
                **VALUES["ExpressionAttributeValues"],
                ":l": {"L": [{"S": "x"}, {"B": b"\0"}, {"M": {"in": {"NULL": True}}}]},
                ":many": {"N": "100"},
                ":s": {"SS": ["x"]},
                ":sk": {"S": "1"},
            },
            "ReturnValues": "ALL_NEW",
        },
    ),
    (
        "update_item",
        {
            "Key": KEY,
            "UpdateExpression": "SET one = :a",
            "ConditionExpression": "one = :a OR attribute_type(one, :a) OR tally = :b",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        | VALUES,
    ),
    ("put_item", {"Item": KEY | {"empty": {"S": ""}, "long": {"S": "x" * 410_000}}}),
    (
        "query",
        {
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": "a"}},
            "Limit": 1,
        },
    ),
    ("scan", {"FilterExpression": "contains(words, :a) OR tally < :b"} | VALUES),
    ("delete_item", {"Key": KEY, "ReturnValues": "ALL_OLD"}),
]
PLACES = {"#m": "map", "#l": "list", "#d": "deep", "#n": "number", "#t": "tally", "#f": "flag"}
REQUESTS += [
    ("put_item", {"Item": ITEM}),
    *(
        (
            "update_item",
            {
                "Key": KEY | {"sk": {"S": place}},
                "UpdateExpression": expression,
                "ExpressionAttributeNames": {
                    name: of for name, of in {**PLACES, "#p": "pk"}.items() if name in expression
                },
                "ExpressionAttributeValues": {
                    name: of
                    for name, of in {
                        ":one": {"N": "1"},
                        ":half": {"N": "0.50"},
                        ":text": {"S": "t"},
                        ":map": {"M": {"deep": {"N": "5"}}},
                        ":long": {"S": "x" * 410_000},
                    }.items()
                    if name in expression
                },
                "ReturnValues": "ALL_NEW",
            },
        )
        for place in ("1", "new")
        for expression in (
            "SET #m.#d = :one, #n=if_not_exists(#n, :half) , #t = if_not_exists(#t,:one) - :half",
            "SET #m.#d = #m.#d + :half, #f = :text REMOVE #t ADD #n :half",
            "SET #t = :map REMOVE #m.#d, #f ADD #n :one",
            "REMOVE #m.#d SET #t.#d = #t.#d - :one",
            "SET #t.#d.#l = :one",
            "SET #n = :one, #n = :half",
            "SET #m = :map, #m.#l = :one",
            "SET #n = #n + :text",
            "SET #n = #f + :one",
            "SET #p = :text",
            "SET #n = :long",
            "SET #n = :one,",
            "ADD #n :text",
            "ADD #f :one",
        )
    ),
    (
        "update_item",
        {
            "Key": KEY,
            "UpdateExpression": "SET #n = :absent",
            "ExpressionAttributeNames": {"#n": "number"},
        },
    ),
    *(
        (
            "update_item",
            {
                "Key": KEY,
                "UpdateExpression": "SET #k = :a",
                "ExpressionAttributeNames": {"#k": "list_key"},
                "ExpressionAttributeValues": {":a": value},
                "ReturnValues": "UPDATED_NEW",
            },
        )
        for value in ({"S": "w#film"}, {"S": ""}, {"N": "1"})
    ),
    ("scan", {}),
]
AS_MOTO_IS = """
from local.aws import dynamodb_speed
dynamodb_speed.mend = lambda: None
from tests.unit.tools.test_direct import everything, outcomes
print(outcomes(everything(), directly=False))
"""
"""Prints the answers of a moto that nobody has made faster."""


def everything() -> list[tuple[str, dict[str, Any]]]:
    """All requests, each to one table."""
    return [(operation, {**request, "TableName": "studio"}) for operation, request in REQUESTS]


def outcomes(requests: list[tuple[str, dict[str, Any]]], *, directly: bool) -> list[Any]:
    """What each request to an empty table gave, or its error, but for what is about HTTP."""
    found = []
    with empty_cloud():
        client: Any = boto3.client("dynamodb", region_name=REGION)
        if directly:
            answer_directly(client, REGION)
        for operation, request in requests:
            try:
                answer = getattr(client, operation)(**request)
            except ClientError as error:
                answer = error.response
            found.append({name: of for name, of in answer.items() if name != "ResponseMetadata"})
    return found


def test_answers_and_errors_are_those_of_http() -> None:
    assert outcomes(everything(), directly=True) == outcomes(everything(), directly=False)


def test_answers_and_errors_of_a_faster_moto_are_those_of_motos_own() -> None:
    command = [sys.executable, "-W", "ignore", "-c", AS_MOTO_IS]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    theirs = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert repr(outcomes(everything(), directly=False)) == theirs.stdout.strip()


def test_a_refused_transaction_has_the_reasons_of_http() -> None:
    there, missing = KEY, KEY | {"sk": {"S": "2"}}
    wishes: list[dict[str, Any]] = [
        {"Put": {"TableName": "studio", "Item": ITEM | there}},
        {
            "ConditionCheck": {
                "TableName": "studio",
                "Key": missing,
                "ConditionExpression": "attribute_exists(pk)",
            }
        },
    ]
    requests = [("transact_write_items", {"TransactItems": wishes})]
    (direct,) = outcomes(requests, directly=True)
    assert [direct] == outcomes(requests, directly=False)
    codes = [reason["Code"] for reason in direct["CancellationReasons"]]
    assert codes == ["None", "ConditionalCheckFailed"]
