"""Makes the step of one node. Faults become findings, so that callers get all at once."""

from collections.abc import Callable, Mapping, Sequence

from showreel.graphs.building.media import build_operated, build_output, build_upload
from showreel.graphs.building.models import build_modelled
from showreel.graphs.building.node import Building, IncomingEdge, UrlCheck
from showreel.graphs.building.texts import check_values
from showreel.graphs.findings import Finding, Findings
from showreel.graphs.models import Node, Step

BUILDERS: Mapping[str, Callable[[Building], Step]] = {
    "Transform": build_operated,
    "Combine": build_operated,
    "Upload": build_upload,
    "Output": build_output,
}
"""The builders of kinds that neither ask a model nor hold a text."""
TIMEOUT_SECONDS = {"Transform": 300, "Combine": 300, "Upload": 120}
USUAL_TIMEOUT_SECONDS, MOST_TIMEOUT_SECONDS = 900, 3600
USUAL_RETRIES, MOST_RETRIES = 1, 3


def build(
    node: Node, kind: str, incoming: Sequence[IncomingEdge], place: str, check_url: UrlCheck
) -> tuple[Step, list[Finding]]:
    """Returns the step of a node, and the findings about it and the edges that lead to it. With
    findings the step is incomplete, and serves to check the nodes after it.
    """
    one = Building(node, kind, incoming, check_url, Findings(place, node_id=node.id))
    step = BUILDERS.get(kind, build_modelled)(one)
    check_values(one)
    limits = {
        "timeout_seconds": _limit(
            one, "timeout_seconds", 1, MOST_TIMEOUT_SECONDS, TIMEOUT_SECONDS.get(kind)
        )
        or USUAL_TIMEOUT_SECONDS,
        "retries": _limit(one, "retries", 0, MOST_RETRIES, USUAL_RETRIES),
    }
    faults = [one.faults, *one.edge_faults]
    return step.model_copy(update=limits), [each for some in faults for each in some.found]


def _limit(one: Building, name: str, least: int, most: int, usual: int | None) -> int | None:
    given = one.given.param(name)
    if given is None:
        return usual
    if type(given.value) is int and least <= given.value <= most:
        return given.value
    message = f"must be a whole number from {least} to {most}"
    one.faults.add("invalid_param", message, given.field)
    return usual
