"""A node's output as callers see it."""

from typing import Any

from showreel.assets.keys import public_url
from showreel.graphs.models import Artifact
from showreel.graphs.ports import Output


def shown_output(output: Output, base_url: str) -> dict[str, Any]:
    """Returns an output for callers: its first artifact, and all of them if there are more."""
    every = [_shown(one, base_url) for one in output.artifacts]
    first = every[0] if every else {"type": "any"}
    more = {"items": every} if len(every) > 1 else {}
    made = {"model": output.model, "fallback_reason": output.fallback_reason}
    return first | more | {name: of for name, of in made.items() if of is not None}


def _shown(artifact: Artifact, base_url: str) -> dict[str, Any]:
    fields = artifact.model_dump(exclude={"key", "digest", "url"}, exclude_none=True)
    url = public_url(base_url, artifact.key) if artifact.key else artifact.url
    return fields | ({"url": url} if url else {})
