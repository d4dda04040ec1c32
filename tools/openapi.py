"""The API's one OpenAPI 3.1 document, generated from the handlers.

python -m tools.openapi            writes docs/api/openapi.json
python -m tools.openapi --check    1 if the committed one is not what the code says
"""

import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "api" / "openapi.json"
DESCRIPTION = (
    "Stills and prompts in, finished videos out. Every error has the envelope "
    "`{success, error, code, message, requestId}`."
)
TOO_MANY = {
    "description": "Too many requests, or too many orders of this caller; the error envelope",
    "headers": {
        "Retry-After": {
            "description": "After how many seconds the same request may be sent again",
            "schema": {"type": "integer", "minimum": 1},
        }
    },
}


def handlers() -> list[Any]:
    """Returns the resolvers of all functions with routes."""
    os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "showreel")
    found = []
    for path in sorted((ROOT / "functions").glob("*/app.py")):
        if "@app." not in path.read_text():
            continue
        spec = importlib.util.spec_from_file_location(f"openapi_{path.parent.name}", path)
        if spec is None or spec.loader is None:
            raise ImportError(str(path))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found.append(module.app)
    return found


def document() -> dict[str, Any]:
    """Returns the merged document."""
    merged: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Showreel", "version": "1", "description": DESCRIPTION},
        "security": [{"bearer": []}],
        "paths": {},
        "components": {
            "schemas": {},
            "responses": {"TooMany": TOO_MANY},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }
    for app in handlers():
        schema = json.loads(app.get_openapi_json_schema(title="Showreel", version="1"))
        for path, methods in schema["paths"].items():
            merged["paths"].setdefault(path, {}).update(_plain(methods))
        merged["components"]["schemas"].update(schema.get("components", {}).get("schemas", {}))
    merged["paths"] = dict(sorted(merged["paths"].items()))
    schemas = merged["components"]["schemas"]
    merged["components"]["schemas"] = dict(sorted(schemas.items()))
    return merged


def _plain(methods: dict[str, Any]) -> dict[str, Any]:
    """Powertools adds a 422 to every route; ours answer 400 with the envelope."""
    for operation in methods.values():
        responses = operation.setdefault("responses", {})
        responses.pop("422", None)
        responses |= {
            "429": {"$ref": "#/components/responses/TooMany"},
            "4XX": {"description": "The error envelope"},
        }
    return methods


def main() -> int:
    """Writes or checks the document."""
    text = json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
    if "--check" not in sys.argv:
        DOCUMENT.write_text(text)
        return 0
    if DOCUMENT.read_text() != text:
        print("docs/api/openapi.json is not what the code says: make openapi", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
