"""Orders clips and texts with Google's SDK of the first line; the present one has its import name.

Run by its own Python with only that SDK: orders come on standard input as lines of JSON, and what
came of each goes to standard output.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from google import genai
from google.genai import errors, types


def main() -> None:
    for line in sys.stdin:
        try:
            order = json.loads(line)
            outcome = (_written if "contents" in order else _made)(order)
        except errors.APIError as error:
            outcome = {"code": error.code, "status": error.status, "message": error.message}
        print(json.dumps(outcome), flush=True)  # noqa: T201  # to the test


def _client(order: dict[str, Any]) -> genai.Client:
    options = types.HttpOptions(base_url=order["base_url"])
    return genai.Client(api_key=order["api_key"], http_options=options)


def _written(order: dict[str, Any]) -> dict[str, Any]:
    client, wanted = _client(order), {name: order[name] for name in ("model", "contents")}
    parts = [part.text or "" for part in client.models.generate_content_stream(**wanted)]
    return {"parts": parts, "whole": client.models.generate_content(**wanted).text}


def _made(order: dict[str, Any]) -> dict[str, Any]:
    client = _client(order)
    pictures = [types.Image.from_file(location=path) for path in order["pictures"]]
    last = {"last_frame": pictures[1]} if len(pictures) > 1 else {}
    operation = client.models.generate_videos(
        model=order["model"],
        prompt=order["prompt"],
        image=pictures[0],
        config=types.GenerateVideosConfig(**order["config"], **last),
    )
    deadline = time.monotonic() + 30
    while not operation.done and time.monotonic() < deadline:
        time.sleep(0.05)
        operation = client.operations.get(operation)
    return _outcome(client, operation, Path(order["target"]))


def _outcome(client: genai.Client, operation: Any, target: Path) -> dict[str, Any]:
    response = operation.response
    outcome = {"name": operation.name, "done": operation.done, "error": operation.error}
    if response is None or not response.generated_videos:
        return {**outcome, "filtered": getattr(response, "rai_media_filtered_count", None)}
    uri = response.generated_videos[0].video.uri
    name = uri.partition("/files/")[2].partition(":")[0]
    target.write_bytes(client.files.download(file=f"files/{name}"))
    return {**outcome, "uri": uri}


if __name__ == "__main__":
    main()
