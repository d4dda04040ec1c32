"""AWS behind the front: atomic transactions, objects, presigned URLs, secrets, parameters."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.stack import Stack
from tests.support.http import send


def balance_of(stack: Stack, account: str) -> int:
    answer = stack.clients.dynamodb.get_item(
        TableName=stack.variable("TABLE"), Key={"pk": {"S": account}, "sk": {"S": "a"}}
    )
    return int(answer["Item"]["balance"]["N"])


def debit(stack: Stack, account: str, token: str | None = None) -> None:
    name = stack.variable("TABLE")
    entry = {"pk": {"S": account}, "sk": {"S": f"entry#{uuid.uuid4()}"}}
    update = {
        "TableName": name,
        "Key": {"pk": {"S": account}, "sk": {"S": "a"}},
        "UpdateExpression": "SET balance = balance - :ten",
        "ConditionExpression": "balance >= :ten",
        "ExpressionAttributeValues": {":ten": {"N": "10"}},
    }
    if token:
        entry["sk"] = {"S": f"entry#{token}"}
    more = {"ClientRequestToken": token} if token else {}
    stack.clients.dynamodb.transact_write_items(
        TransactItems=[{"Put": {"TableName": name, "Item": entry}}, {"Update": update}], **more
    )


def open_account(stack: Stack, balance: int) -> str:
    account = str(uuid.uuid4())
    item = {"pk": {"S": account}, "sk": {"S": "a"}, "balance": {"N": str(balance)}}
    stack.clients.dynamodb.put_item(TableName=stack.variable("TABLE"), Item=item)
    return account


def rows(stack: Stack, account: str) -> int:
    answer = stack.clients.dynamodb.query(
        TableName=stack.variable("TABLE"),
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": account}},
    )
    return int(answer["Count"])


def test_transactions_are_atomic_under_fifty_threads(small: Stack) -> None:
    account = open_account(small, 1000)

    def attempt(_: int) -> bool:
        try:
            debit(small, account)
        except small.clients.dynamodb.exceptions.TransactionCanceledException:
            return False
        return True

    with ThreadPoolExecutor(50) as threads:
        taken = list(threads.map(attempt, range(130)))
    assert taken.count(True) == 100
    assert balance_of(small, account) == 0
    assert rows(small, account) == 101


def test_a_cancelled_transaction_leaves_nothing_behind(small: Stack) -> None:
    account = open_account(small, 5)
    with pytest.raises(ClientError) as cancelled:
        debit(small, account)
    codes = [reason["Code"] for reason in cancelled.value.response["CancellationReasons"]]
    assert codes == ["None", "ConditionalCheckFailed"]
    assert (balance_of(small, account), rows(small, account)) == (5, 1)


def test_the_same_client_token_is_carried_out_once(small: Stack) -> None:
    account, token = open_account(small, 1000), str(uuid.uuid4())
    debit(small, account, token)
    debit(small, account, token)
    assert balance_of(small, account) == 990


def signed(stack: Stack, operation: str, key: str, seconds: int = 60, **more: Any) -> str:
    parameters = {"Bucket": stack.variable("BUCKET"), "Key": key, **more}
    return str(stack.clients.s3.generate_presigned_url(operation, parameters, ExpiresIn=seconds))


def test_a_presigned_upload_and_download(small: Stack) -> None:
    url = signed(small, "put_object", "a/b c.txt", ContentType="text/plain", ContentLength=5)
    headers = {"Content-Type": "text/plain", "Content-Length": "5"}
    assert send("PUT", url, b"hello", headers).status == 200
    reply = send("GET", signed(small, "get_object", "a/b c.txt"))
    assert (reply.status, reply.body) == (200, b"hello")
    assert reply.headers["Content-Type"] == "text/plain"
    part = send("GET", signed(small, "get_object", "a/b c.txt"), headers={"Range": "bytes=1-2"})
    assert (part.status, part.body, part.headers["Content-Range"]) == (206, b"el", "bytes 1-2/5")
    head = send("HEAD", signed(small, "head_object", "a/b c.txt"))
    assert (head.status, head.headers["Content-Length"]) == (200, "5")


def test_a_presigned_url_holds_for_what_was_signed_only(small: Stack) -> None:
    url = signed(small, "put_object", "x", ContentType="text/plain", ContentLength=5)
    other_type = {"Content-Type": "image/png", "Content-Length": "5"}
    assert send("PUT", url, b"hello", other_type).status == 403
    assert send("PUT", url, b"hello!", {"Content-Type": "text/plain"}).status == 403
    assert send("GET", url).status == 403
    late = signed(small, "get_object", "x", seconds=0)
    assert b"expired" in send("GET", late.replace("Expires=0", "Expires=-1")).body


def test_the_buckets_cors_rules(small: Stack) -> None:
    small.clients.s3.put_object(Bucket=small.variable("BUCKET"), Key="cors", Body=b"x")
    asking = {"Origin": "null", "Access-Control-Request-Method": "PUT"}
    preflight = send("OPTIONS", signed(small, "put_object", "cors"), headers=asking)
    assert preflight.status == 200
    assert preflight.headers["Access-Control-Allow-Origin"] in {"*", "null"}
    assert "PUT" in preflight.headers["Access-Control-Allow-Methods"]
    reply = send("GET", signed(small, "get_object", "cors"), headers={"Origin": "null"})
    assert reply.headers["Access-Control-Allow-Origin"] in {"*", "null"}
    assert "ETag" in reply.headers["Access-Control-Expose-Headers"]


def test_secrets_and_parameters_of_the_template(small: Stack) -> None:
    arn = small.invoke("echo", {})["environment"]["SECRET_ARN"]
    secret = json.loads(small.clients.secretsmanager.get_secret_value(SecretId=arn)["SecretString"])
    assert secret["user"] == "me"
    assert len(secret["password"]) == 32
    value = small.clients.ssm.get_parameter(Name="/test/setting")["Parameter"]["Value"]
    assert value == "256"


def test_indexes_and_conditions_of_the_template(small: Stack) -> None:
    table = small.variable("TABLE")
    owner = {"S": str(uuid.uuid4())}
    item = {"pk": {"S": str(uuid.uuid4())}, "sk": {"S": "a"}, "owner": owner}
    small.clients.dynamodb.put_item(TableName=table, Item=item)
    found = small.clients.dynamodb.query(
        TableName=table,
        IndexName="by_owner",
        KeyConditionExpression="#o = :me",
        ExpressionAttributeNames={"#o": "owner"},
        ExpressionAttributeValues={":me": owner},
    )
    assert found["Items"] == [item]
    assert "small-Extra" not in small.clients.dynamodb.list_tables()["TableNames"]
