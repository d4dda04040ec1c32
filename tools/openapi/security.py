"""Who may call what, and how they show it."""

from typing import Any

from showreel.identity import any_reader, current_caller, require_service, run_reader
from showreel.identity.callers import COOKIE, MAX_USER_ID_BYTES, QUERY_METHODS
from showreel.identity.run_tokens import any_run_token
from tools.openapi.routes import Route

Schema = dict[str, Any]
SCHEMES: dict[str, Schema] = {
    "user": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A user's token, of the issuer and audience that the operator has set",
    },
    "service": {
        "type": "http",
        "scheme": "bearer",
        "description": "The operator's service token; `user_id`, in the body or for GET and DELETE "
        "in the query, says for whom it acts",
    },
    "run": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "tr_pat_",
        "description": "`publicAccessToken` of a run, which reads that run",
    },
    "runInQuery": {
        "type": "apiKey",
        "in": "query",
        "name": "token",
        "description": "The same, for EventSource, which sends no headers",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "A user's token as a cookie, where the operator has set one origin, from "
        "pages of that origin",
    },
}
USER_ID: Schema = {
    "name": "user_id",
    "in": "query",
    "required": False,
    "description": "For whom a service acts",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_USER_ID_BYTES},
}


def of(route: Route) -> list[dict[str, list[str]]]:
    """Returns which schemes open the route; none for everybody's."""
    return [{name: []} for name in _names(route)]


def _names(route: Route) -> list[str]:
    if route.authenticate is None:
        return []
    if route.authenticate is any_run_token:
        return ["run"]
    if route.reading.reaches(require_service):
        return ["service"]
    own = ["user", "service", *(["session"] if route.path.startswith("/api/") else [])]
    return own + (["run", "runInQuery"] if route.reading.reaches(run_reader) else [])


def parameters(route: Route) -> list[Schema]:
    """Returns the query's `user_id`, where a service names its user there."""
    known = {one["name"] for one in route.query}
    takes = route.authenticate in {current_caller, any_reader} and route.method in QUERY_METHODS
    return [USER_ID] if takes and "user_id" not in known else []
