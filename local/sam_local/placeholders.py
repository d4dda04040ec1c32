"""`${name}` in an example event: filled in from values, or read off a real event.

A string that is nothing but a placeholder becomes the value itself, of whatever type; inside a
longer string the value is put in as text.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.settings import ROOT

EVENTS = ROOT / "events"
PLACEHOLDER = re.compile(r"\$\{([a-z_]+)\}")


class Mismatch(ValueError):
    """A real event is not what the example says."""


def example(folder: str) -> Any:
    """Returns a function's example event, placeholders and all, by the function's folder."""
    return json.loads((EVENTS / f"{folder}.json").read_text())


def names(node: Any) -> set[str]:
    """Returns the placeholders in an event."""
    return set(PLACEHOLDER.findall(json.dumps(node)))


def fill(node: Any, values: Mapping[str, Any]) -> Any:
    """Returns the event with its placeholders filled in. Raises KeyError for one without
    a value.
    """
    if isinstance(node, dict):
        return {key: fill(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [fill(value, values) for value in node]
    if not isinstance(node, str):
        return node
    whole = PLACEHOLDER.fullmatch(node)
    return values[whole[1]] if whole else PLACEHOLDER.sub(lambda m: str(values[m[1]]), node)


def read(node: Any, real: Any, path: str = "event") -> dict[str, Any]:
    """Returns what a real event has in the places of the placeholders. Raises Mismatch unless it is
    the example in all else.
    """
    if isinstance(node, dict) and isinstance(real, dict) and node.keys() == real.keys():
        return _joined([read(node[key], real[key], f"{path}.{key}") for key in node], path)
    if isinstance(node, list) and isinstance(real, list) and len(node) == len(real):
        pairs = zip(node, real, strict=True)
        return _joined([read(a, b, f"{path}[{i}]") for i, (a, b) in enumerate(pairs)], path)
    if isinstance(node, str) and PLACEHOLDER.search(node):
        return _read_text(node, real, path)
    if node != real:
        raise Mismatch(f"{path} is {_short(real)}, in events/ {_short(node)}")
    return {}


def _joined(found: list[dict[str, Any]], path: str) -> dict[str, Any]:
    joined: dict[str, Any] = {}
    for one in found:
        for name, value in one.items():
            if joined.setdefault(name, value) != value:
                raise Mismatch(f"{path} has two values for ${{{name}}}")
    return joined


def _read_text(text: str, real: Any, path: str) -> dict[str, Any]:
    whole = PLACEHOLDER.fullmatch(text)
    if whole:
        return {whole[1]: real}
    parts = PLACEHOLDER.split(text)
    pattern = "".join(
        f"(?P<{part}>.+?)" if is_name else re.escape(part)
        for part, is_name in zip(parts, [False, True] * len(parts), strict=False)
    )
    found = re.fullmatch(pattern, str(real))
    if found is None:
        raise Mismatch(f"{path} is {_short(real)}, in events/ {text!r}")
    return found.groupdict()


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


def write_filled(folder: str, event: Any, target: Path) -> Path:
    """Keeps a filled event where a person can use it again; returns its path."""
    target.mkdir(parents=True, exist_ok=True)
    path = target / f"{folder}.json"
    path.write_text(json.dumps(event, indent=2) + "\n")
    return path
