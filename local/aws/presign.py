"""Presigned S3 URLs, checked as S3 does: expiry, signed headers, signature.

moto takes any; a wrong length, type or an hour-old URL would only fail on AWS.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote

from local.lambdas.worker import secret_of
from local.server import Environ, StartResponse

Refusal = Callable[[StartResponse], Iterable[bytes]]


def refuse_presigned(environ: Environ) -> Refusal | None:
    """Returns how to refuse a presigned request that S3 would not take; None for all others."""
    query = parse_qsl(environ["QUERY_STRING"], keep_blank_values=True)
    fields = dict(query)
    if "X-Amz-Signature" not in fields or environ["REQUEST_METHOD"] == "OPTIONS":
        return None
    try:
        if _expired(fields):
            return s3_refusal("AccessDenied", "Request has expired")
        good = hmac.compare_digest(_signature(environ, query, fields), fields["X-Amz-Signature"])
    except (KeyError, ValueError):
        return s3_refusal("AuthorizationQueryParametersError", "Query parameters are incomplete")
    return None if good else s3_refusal("SignatureDoesNotMatch", "The signature does not match")


def _expired(fields: dict[str, str]) -> bool:
    signed = datetime.strptime(fields["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return datetime.now(UTC) > signed + timedelta(seconds=int(fields["X-Amz-Expires"]))


def _signature(environ: Environ, query: list[tuple[str, str]], fields: dict[str, str]) -> str:
    key_id, date, region, service, kind = fields["X-Amz-Credential"].split("/")
    scope = f"{date}/{region}/{service}/{kind}"
    digest = hashlib.sha256(_canonical(environ, query, fields).encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{fields['X-Amz-Date']}\n{scope}\n{digest}"
    key = b"AWS4" + secret_of(key_id).encode()
    for part in (date, region, service, kind, text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


def _canonical(environ: Environ, query: list[tuple[str, str]], fields: dict[str, str]) -> str:
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in query
        if name != "X-Amz-Signature"
    )
    names = fields["X-Amz-SignedHeaders"].split(";")
    headers = "".join(f"{name}:{_header(environ, name)}\n" for name in names)
    return "\n".join(
        [
            environ["REQUEST_METHOD"],
            environ["RAW_URI"].partition("?")[0],
            "&".join(f"{name}={value}" for name, value in pairs),
            headers,
            ";".join(names),
            "UNSIGNED-PAYLOAD",
        ]
    )


def _header(environ: Environ, name: str) -> str:
    variable = name.upper().replace("-", "_")
    prefix = "" if variable in {"CONTENT_TYPE", "CONTENT_LENGTH"} else "HTTP_"
    return " ".join(environ.get(prefix + variable, "").split())


def s3_refusal(code: str, message: str) -> Refusal:
    """Returns a 403 of S3."""
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()

    def answer(start_response: StartResponse) -> Iterable[bytes]:
        kind = ("Content-Type", "application/xml")
        start_response("403 Forbidden", [kind, ("Content-Length", str(len(body)))])
        return [body]

    return answer
