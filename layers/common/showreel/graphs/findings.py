"""Findings: everything that is wrong with a graph, each with its node and field."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from showreel.core.errors import InvalidInput

MOST_LISTED = 200
"""The most findings in one answer."""


@dataclass(frozen=True)
class Finding:
    """One fault. `field` is within the node or edge, e.g. `params.model`."""

    code: str
    message: str
    field: str = ""
    node_id: str | None = None
    edge_id: str | None = None
    place: str = ""
    """The path of the node or edge in the graph, e.g. `nodes.3`."""
    is_draft: bool = False
    """Whether something is only still missing: such a graph can be stored, but not run."""

    def detail(self) -> dict[str, Any]:
        """Returns the finding as an entry of an error's `details`."""
        path = ".".join(part for part in (self.place, self.field) if part)
        named = {"node_id": self.node_id, "edge_id": self.edge_id}
        return {
            "field": path or "graph",
            "code": self.code,
            "message": self.message,
            **{name: value for name, value in named.items() if value is not None},
        }


@dataclass
class Findings:
    """The findings about one node or edge, while they are collected."""

    place: str
    node_id: str | None = None
    edge_id: str | None = None
    found: list[Finding] = field(default_factory=list)

    def add(self, code: str, message: str, field: str = "", *, is_draft: bool = False) -> None:
        """Adds a finding about this node or edge."""
        self.found.append(
            Finding(code, message, field, self.node_id, self.edge_id, self.place, is_draft)
        )


def refuse(findings: Iterable[Finding]) -> None:
    """Raises InvalidInput `invalid_graph`, or the code of all findings if they share one. Does
    nothing without findings.
    """
    every = list(findings)
    if not every:
        return
    codes = {one.code for one in every}
    first = every[0]
    named = first.node_id or first.edge_id
    message = f"{named}: {first.message}" if named else first.message
    more = f" (and {len(every) - 1} more)" if len(every) > 1 else ""
    raise InvalidInput(
        f"{message}{more}",
        code=codes.pop() if len(codes) == 1 else "invalid_graph",
        details={"details": [one.detail() for one in every[:MOST_LISTED]]},
    )
