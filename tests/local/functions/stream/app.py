"""A runtime loop that streams: a prelude, then one line every few milliseconds."""

import http.client
import json
import os
import time

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
PREFIX = "/2018-06-01/runtime/invocation"


def parts(event):
    query = event.get("queryStringParameters") or {}
    if "quiet" in query:
        yield b"{"
        time.sleep(float(query["quiet"]))
    if "bare" in query:
        yield b"no prelude"
        return
    head = {"statusCode": int(query.get("status", 200)), "headers": {"Content-Type": "text/plain"}}
    yield json.dumps(head).encode() + b"\0" * 8
    for number in range(int(query.get("lines", 3))):
        time.sleep(float(query.get("pause", 0.01)))
        yield f"line {number}\n".encode()
    if "break" in query:
        raise ValueError("broke off")


def answer(request_id, event):
    time.sleep(float((event.get("queryStringParameters") or {}).get("wait", 0)))
    connection = http.client.HTTPConnection(API)
    connection.putrequest("POST", f"{PREFIX}/{request_id}/response")
    connection.putheader("Content-Type", "application/vnd.awslambda.http-integration-response")
    connection.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.putheader("Trailer", "Lambda-Runtime-Function-Error-Type")
    connection.endheaders()
    trailer = b""
    try:
        for part in parts(event):
            connection.send(b"%x\r\n%s\r\n" % (len(part), part))
    except ValueError:
        trailer = b"Lambda-Runtime-Function-Error-Type: ValueError\r\n"
    except OSError:
        print("reader gone", flush=True)  # noqa: T201  # goes to the log
        return
    connection.send(b"0\r\n" + trailer + b"\r\n")
    response = connection.getresponse()
    response.read()
    if query := event.get("queryStringParameters"):
        told = f"{query.get('name')}: told {query.get('lines')} lines, answered {response.status}"
        print(told, flush=True)  # noqa: T201  # goes to the log


def run():
    connection = http.client.HTTPConnection(API)
    while True:
        connection.request("GET", f"{PREFIX}/next")
        response = connection.getresponse()
        answer(response.headers["Lambda-Runtime-Aws-Request-Id"], json.loads(response.read()))


run()
