"""What the tests of Google's adapters share."""

import json
from typing import Any

from showreel.providers.base import InputPicture, SubmitRequest

KEY = "AIza-secret"
PICTURE = InputPicture("https://bucket.example/a.jpg?X-Amz-Signature=s", lambda: b"first")
LAST_PICTURE = InputPicture("https://bucket.example/b.jpg", lambda: b"last")


def says(status: int, body: object, **headers: str) -> Any:
    """An answer of JSON, or of the bytes as they are."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler: Any) -> None:
        handler.send_response(status)
        handler.send_header("content-length", str(len(data)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def request(upstream: str, **changes: Any) -> SubmitRequest:
    usual: dict[str, Any] = {
        "external_id": "job-1",
        "upstream": upstream,
        "parameters": {},
        "prompt": "slow dolly in",
        "duration_seconds": 5,
        "image": PICTURE,
        "end_image": LAST_PICTURE,
        "aspect_ratio": "9:16",
        "resolution": "720p",
    }
    return SubmitRequest(**{**usual, **changes})


def rpc(number: int, status: str, *details: dict[str, Any], message: str = "secret text") -> Any:
    return {"error": {"code": number, "message": message, "status": status, "details": [*details]}}


def code(word: str, message: str = "secret text") -> Any:
    return {"error": {"code": word, "message": message}}
