"""Tokens that allow reading one run: `tr_pat_` + base64url(payload) + `.` + signature.

Signed with HMAC-SHA256 by a separate key, and verified without a database read. They last longer
than the longest wait in the queue and the longest run together.
"""

import base64
import json

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from showreel.core.clock import now_seconds
from showreel.core.errors import Forbidden, Unauthenticated
from showreel.core.signing import is_signed, sign
from showreel.identity.callers import Caller, bearer, current_caller

PREFIX = "tr_pat_"
PURPOSE = "run-token"
LIFETIME_SECONDS = 24 * 3600
MAX_LENGTH = 1024


def issue_run_token(run_id: str) -> str:
    """Returns a token that allows reading `run_id` for 24 hours."""
    payload = {"run": run_id, "exp": now_seconds() + LIFETIME_SECONDS}
    text = _encoded(json.dumps(payload, separators=(",", ":")).encode())
    return f"{PREFIX}{text}.{sign(PURPOSE, text)}"


def verify_run_token(token: str, run_id: str) -> None:
    """Raises Unauthenticated unless the token is valid; Forbidden if it is another run's."""
    if _run_id(token) != run_id:
        raise Forbidden("The token is for another run")


def _run_id(token: str) -> str:
    text, _, signature = token.removeprefix(PREFIX).partition(".")
    genuine = is_run_token(token) and len(token) <= MAX_LENGTH and token.isascii()
    if not genuine or not is_signed(PURPOSE, text, signature):
        raise Unauthenticated("The run token is invalid")
    payload = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if payload["exp"] <= now_seconds():
        raise Unauthenticated("The run token is expired")
    return str(payload["run"])


def is_run_token(token: str) -> bool:
    """Returns whether the token looks like a run's; doesn't verify it."""
    return token.startswith(PREFIX)


def any_reader(app: APIGatewayRestResolver) -> None:
    """Raises Unauthenticated unless the request has a valid token of a user or of any run."""
    token = _carried(app)
    if token is None:
        current_caller(app)
    else:
        _run_id(token)


def run_reader(app: APIGatewayRestResolver, run_id: str) -> Caller | None:
    """Returns None if the request has the run's own token, as bearer or `?token=`; else the caller,
    whose membership is still to be checked. Raises Unauthenticated, Forbidden.
    """
    token = _carried(app)
    if token is None:
        return current_caller(app)
    verify_run_token(token, run_id)
    return None


def any_run_token(app: APIGatewayRestResolver) -> None:
    """Raises Unauthenticated unless the request has a valid token of any run."""
    _run_id(_carried(app) or "")


def own_run_token(app: APIGatewayRestResolver, run_id: str) -> None:
    """Raises Unauthenticated unless the request has a run's token; Forbidden if another run's."""
    verify_run_token(_carried(app) or "", run_id)


def _carried(app: APIGatewayRestResolver) -> str | None:
    query = app.current_event.query_string_parameters or {}
    token = bearer(app) or query.get("token")
    return token if token and is_run_token(token) else None


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
