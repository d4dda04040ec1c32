"""AWS's endpoint: distinguishes callers, breaks calls on demand, and leaves the rest to moto.

Lambda's Invoke and EventBridge's PutEvents are answered here, by the real functions. moto is asked
behind one lock per service: its DynamoDB transactions are not atomic under threads.
"""

import functools
import json
import re
import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from moto.core.config import default_user_config
from moto.moto_server import werkzeug_app

from local.aws import dynamodb, queues
from local.aws.dynamodb_direct import dynamodb_app
from local.aws.events import EventBus
from local.aws.lagging import LaggingIndexes
from local.aws.mending import replace
from local.aws.permissions import Permissions, Use
from local.aws.presign import Refusal, refuse_presigned, s3_refusal
from local.control.api import Controls
from local.control.faults import Call, FaultBook, answer_with_faults, carry_out
from local.lambdas.api import answer_invoke
from local.lambdas.service import LambdaService
from local.metering.meter import Meter
from local.server import App, Environ, StartResponse

CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/")
S3_SUBRESOURCES = {
    ("POST", "uploads"): "CreateMultipartUpload",
    ("PUT", "uploadId"): "UploadPart",
    ("POST", "uploadId"): "CompleteMultipartUpload",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
    ("POST", "delete"): "DeleteObjects",
}
S3_OBJECT = {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"}


def moto_app() -> App:
    """moto's own dispatcher, with state machines really executed and no CORS of its own."""
    dynamodb.mend()
    queues.mend()
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    default_user_config["iam"] = {"load_aws_managed_policies": False}
    replace(werkzeug_app, DISABLE_GLOBAL_CORS=True)
    app: Any = werkzeug_app.DomainDispatcherApplication(werkzeug_app.create_backend_app)
    # moto lists its own folder for each request
    replace(app, get_backend_for_host=functools.cache(app.get_backend_for_host))
    served: App = app
    return served


class AwsFront:
    """The WSGI application behind `AWS_ENDPOINT_URL`."""

    def __init__(
        self,
        account: str,
        faults: FaultBook,
        functions: LambdaService,
        events: EventBus,
        controls: Controls,
        permissions: Permissions,
        meter: Meter | None = None,
    ) -> None:
        self.account = account
        self.faults = faults
        self.functions = functions
        self.events = events
        self.controls = controls
        self.permissions = permissions
        self.meter = meter
        self.moto = moto_app()
        self.dynamodb = dynamodb_app(account, events.region)
        self.indexes = LaggingIndexes(account, events.region)
        self.transactions = dynamodb.TransactionTokens()
        self.locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self.changed = threading.Event()
        """Set by every call that may have written something worth keeping."""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one call."""
        if environ["PATH_INFO"].startswith("/_local"):
            return self.controls(environ, start_response)
        call = self.call(environ)
        if call.function is not None:
            refused = self.permissions.refused(call.function, call.service, call.operation, environ)
            if refused is not None:
                return _access_denied(refused)(start_response)
        app = self._app(call)
        if call.function is not None and call.operation in {"GetObject", "HeadObject"}:
            app = self._hiding_absence(call.function, app)
        if self.meter is not None:
            key = call.process.key if call.process else ""
            app = self.meter.traffic.aws(app, call.service, call.operation, call.function, key)
        return answer_with_faults(self.faults, call, app, environ, start_response)

    def _hiding_absence(self, function: str, app: App) -> App:
        """S3 says 403, not 404, of a missing object to a caller that may not list the bucket.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
        """

        def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            status, headers, body = carry_out(app, environ)
            bucket = environ["PATH_INFO"].lstrip("/").partition("/")[0]
            use = Use(function, "s3:ListBucket", f"arn:aws:s3:::{bucket}")
            if status.startswith("404") and not self.permissions.allows(use):
                return _access_denied(use)(start_response)
            start_response(status, headers)
            return [body]

        return answer

    def call(self, environ: Environ) -> Call:
        """Returns which service and operation, and whose process."""
        key, service = _credential(environ)
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if target:
            operation = target.rpartition(".")[2]
        elif service == "lambda":
            operation = "Invoke"
        else:
            operation = s3_operation(environ)
        worker = self.functions.worker(key) if key else None
        return Call(service, operation, worker.spec.folder if worker else None, worker)

    def _app(self, call: Call) -> App:
        if call.service == "lambda":
            return self._invoke
        if call.service == "events" and call.operation == "PutEvents":
            return self._put_events
        return self._locked(call)

    def _invoke(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return answer_invoke(self.functions, environ, start_response)

    def _put_events(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        entries = json.loads(environ["wsgi.input"].read())["Entries"]
        answer = {
            "FailedEntryCount": 0,
            "Entries": [{"EventId": self.events.put(e)} for e in entries],
        }
        body = json.dumps(answer).encode()
        kind = ("Content-Type", "application/x-amz-json-1.1")
        start_response("200 OK", [kind, ("Content-Length", str(len(body)))])
        return [body]

    def _locked(self, call: Call) -> App:
        """moto for a service, one call at a time, answered completely before the lock opens."""
        service = call.service
        carry_out = self.dynamodb if service == "dynamodb" else self.moto
        if call.operation == "TransactWriteItems":
            carry_out = functools.partial(self.transactions.once, carry_out)
        if service == "dynamodb" and self.meter is not None:
            tables = self.meter.tables
            carry_out = functools.partial(tables.answer, carry_out, call.operation, call.function)

        def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            if service == "s3" and (refusal := refuse_presigned(environ)):
                return refusal(start_response)
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = self.account
            if environ["REQUEST_METHOD"] not in {"GET", "HEAD", "OPTIONS"}:
                self.changed.set()
            with self.locks[service]:
                if (lag := environ.get("showreel.lagging")) is not None:
                    return self.indexes.answer(carry_out, lag, environ, start_response)
                return list(carry_out(environ, start_response))

        return app


def _access_denied(use: Use) -> Refusal:
    """Returns how a service refuses what the caller's role doesn't allow."""
    message = f"{use.function} is not authorized to perform: {use.action} on: {use.resource}"
    if use.action.startswith("s3:"):
        return s3_refusal("AccessDenied", message)
    body = json.dumps({"__type": "AccessDeniedException", "message": message}).encode()

    def answer(start_response: StartResponse) -> Iterable[bytes]:
        kind = ("Content-Type", "application/x-amz-json-1.1")
        length = ("Content-Length", str(len(body)))
        error = ("x-amzn-ErrorType", "AccessDeniedException")
        start_response("400 Bad Request", [kind, length, error])
        return [body]

    return answer


def _credential(environ: Environ) -> tuple[str, str]:
    """Access key id and service of a signed call; an unsigned one is to S3."""
    found = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    if found:
        return found[1], found[2]
    query = parse_qs(environ["QUERY_STRING"])
    presigned = query.get("X-Amz-Credential", [""])[0].split("/")
    return presigned[0], "s3"


def s3_operation(environ: Environ) -> str:
    """Returns the S3 operation that a method, path and query stand for."""
    method = environ["REQUEST_METHOD"]
    query = parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
    for (wanted, name), operation in S3_SUBRESOURCES.items():
        if method == wanted and name in query:
            return operation
    if environ["PATH_INFO"].strip("/").count("/") == 0:
        return "ListObjectsV2" if "list-type" in query else f"{method.title()}Bucket"
    if method == "PUT" and "HTTP_X_AMZ_COPY_SOURCE" in environ:
        return "CopyObject"
    return S3_OBJECT.get(method, str(method))
