"""Answers in JSON."""

import json

from werkzeug.wrappers import Response


def json_response(body: object, status: int = 200) -> Response:
    """Returns a response of compact JSON."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, content_type="application/json; charset=utf-8")
