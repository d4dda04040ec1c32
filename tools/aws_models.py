"""botocore's data, cut down to what Showreel calls: parsing all of it costs every cold start.

python -m tools.aws_models            writes layers/common/showreel/core/aws_models/
python -m tools.aws_models --check    1 if the committed files are not what botocore says

An operation keeps its shapes; texts for people go. Rule sets, partitions and defaults stay whole.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

FOLDER = Path(__file__).parents[1] / "layers" / "common" / "showreel" / "core" / "aws_models"
OPERATIONS = {
    "dynamodb": (
        "BatchGetItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "TransactWriteItems",
        "UpdateItem",
    ),
    "s3": (
        "AbortMultipartUpload",
        "CompleteMultipartUpload",
        "CopyObject",
        "CreateMultipartUpload",
        "DeleteObjects",
        "GetObject",
        "HeadObject",
        "ListObjectsV2",
        "PutObject",
        "UploadPart",
    ),
    "secretsmanager": ("GetSecretValue",),
    "sqs": ("ChangeMessageVisibility", "SendMessage"),
    "ssm": ("GetParameter",),
    "stepfunctions": (
        "DescribeExecution",
        "SendTaskFailure",
        "SendTaskSuccess",
        "StartExecution",
        "StopExecution",
    ),
}
WHOLE = ("_retry", "partitions", "sdk-default-configuration")
TEXTS = frozenset({"documentation", "documentationUrl", "examples"})


def files() -> dict[str, str]:
    """Returns every file's text by its path in the folder."""
    loader = Loader()
    made = {name: loader.load_data(name) for name in WHOLE}
    made["endpoints"] = _endpoints(loader)
    for service, operations in OPERATIONS.items():
        version = loader.determine_latest_version(service, "service-2")
        rules = loader.load_service_model(service, "endpoint-rule-set-1", version)
        made[f"{service}/{version}/endpoint-rule-set-1"] = rules
        made[f"{service}/{version}/service-2"] = _service(loader, service, operations)
    return {f"{path}.json": _text(data) for path, data in made.items()}


def _service(loader: Loader, service: str, operations: tuple[str, ...]) -> dict[str, Any]:
    model = loader.load_service_model(service, "service-2")
    kept = {name: model["operations"][name] for name in operations}
    shapes = set(_reachable(kept, model["shapes"], set()))
    model["operations"] = _without_texts(kept)
    model["shapes"] = {n: _without_texts(s) for n, s in model["shapes"].items() if n in shapes}
    del model["documentation"]
    return dict(model)


def _reachable(node: Any, shapes: Mapping[str, Any], seen: set[str]) -> Iterator[str]:
    """Yields the names of all shapes that `node` leads to."""
    if isinstance(node, Mapping):
        name = node.get("shape")
        if isinstance(name, str) and name not in seen:
            seen.add(name)
            yield name
            yield from _reachable(shapes[name], shapes, seen)
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from _reachable(inner, shapes, seen)


def _without_texts(node: Any) -> Any:
    if isinstance(node, Mapping):
        kept = {name: inner for name, inner in node.items() if not _is_text(name, inner)}
        return {name: _without_texts(inner) for name, inner in kept.items()}
    return [_without_texts(inner) for inner in node] if isinstance(node, list) else node


def _is_text(name: str, value: Any) -> bool:
    """A member may be called like a text; then it is a shape and no text."""
    return name in TEXTS and not isinstance(value, Mapping)


def _endpoints(loader: Loader) -> dict[str, Any]:
    """Returns the partitions with their regions, and of their services only ours."""
    endpoints: dict[str, Any] = loader.load_data("endpoints")
    prefixes = {
        loader.load_service_model(service, "service-2")["metadata"]["endpointPrefix"]
        for service in OPERATIONS
    }
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in services if name in prefixes}
    return endpoints


def _text(data: Any) -> str:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Writes the files, or checks whether they are as they would be written."""
    made = files()
    present = {str(path.relative_to(FOLDER)): path.read_text() for path in FOLDER.rglob("*.json")}
    if "--check" in arguments:
        changed = sorted(name for name in made | present if made.get(name) != present.get(name))
        print("\n".join(f"{name} is not what botocore says" for name in changed) or "up to date")
        return 1 if changed else 0
    for name in present.keys() - made.keys():
        (FOLDER / name).unlink()
    for name, text in made.items():
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
