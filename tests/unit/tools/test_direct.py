"""DynamoDB without HTTP answers like DynamoDB with it."""

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
    (
        "query",
        {
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": "a"}},
            "Limit": 1,
        },
    ),
    ("delete_item", {"Key": KEY, "ReturnValues": "ALL_OLD"}),
]


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
    requests = [(operation, {**request, "TableName": "studio"}) for operation, request in REQUESTS]
    assert outcomes(requests, directly=True) == outcomes(requests, directly=False)


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
