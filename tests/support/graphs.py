"""Graphs as values, and random ones for properties."""

from typing import Any

from hypothesis import strategies as st

from showreel.graphs.check import CheckedGraph, check
from showreel.graphs.models import Artifact, Graph
from showreel.graphs.schedule import Plan
from showreel.graphs.urls import url_check

BASE = "https://api.example.com/prod"
PICTURE, VIDEO, SOUND = (f"https://example.com/a.{ending}" for ending in ("png", "mp4", "mp3"))


def node(node_id: str, kind: str, **params: Any) -> dict[str, Any]:
    return {"id": node_id, "kind": kind, "params": params}


def edge(source: str, target: str, handle: str = "", **fields: Any) -> dict[str, Any]:
    ends = {"source_node_id": source, "target_node_id": target, "target_handle": handle}
    return {"id": f"{source}-{target}-{handle or 'any'}", **ends, **fields}


def graph(nodes: list[dict[str, Any]], *edges: dict[str, Any]) -> Graph:
    return Graph.model_validate({"nodes": nodes, "edges": edges})


def checked(nodes: list[dict[str, Any]], *edges: dict[str, Any]) -> CheckedGraph:
    return check(graph(nodes, *edges), url_check(BASE))


def codes(found: CheckedGraph) -> list[tuple[str | None, str, str]]:
    """Node, path and code of each finding."""
    return [(one.node_id, one.detail()["field"], one.code) for one in found.findings]


def text(words: str) -> Artifact:
    return Artifact(type="text", text=words)


def picture(key: str = "project-assets/1.png", **fields: Any) -> Artifact:
    return Artifact(type="image", key=key, **fields)


def film() -> Graph:
    """Prompt → image → video → trim → logo → music, as in the client's examples."""
    return graph(
        [
            node("idea", "Prompt", prompt="A lighthouse at {{ time }}", inputs={"time": "dusk"}),
            node("still", "Image", seed=7),
            node("clip", "video", prompt="slow pan: {{ prompt }}", duration=5),
            node("part", "transform", operation="trim", endSeconds=3),
            node("logo", "upload", url=PICTURE),
            node("branded", "TRANSFORM", operation="Overlay"),
            node("music", "upload", url=SOUND),
            node("mixed", "combine", operation="mix_audio"),
            node("film", "output"),
            node("note", "comment", text="the film"),
        ],
        edge("idea", "still", "prompt", source_handle="text"),
        edge("idea", "clip", "prompt"),
        edge("still", "clip", "first_frame", source_handle="image"),
        edge("clip", "part"),
        edge("part", "branded", "video"),
        edge("logo", "branded", "logo"),
        edge("branded", "mixed", "media"),
        edge("music", "mixed", "audio"),
        edge("mixed", "film", "input"),
    )


@st.composite
def plans(draw: st.DrawFn, most: int = 14) -> Plan:
    """Random nodes, each of which needs some of those before it."""
    count = draw(st.integers(min_value=1, max_value=most))
    parents = {}
    for place in range(count):
        before = [f"n{one}" for one in range(place)]
        parents[f"n{place}"] = (
            draw(st.lists(st.sampled_from(before), unique=True, max_size=3)) if (before) else []
        )
    return Plan.of(parents)


def lengths(plan: Plan) -> st.SearchStrategy[dict[str, float]]:
    """Seconds for each node."""
    seconds = st.integers(min_value=0, max_value=20).map(float)
    return st.fixed_dictionaries(dict.fromkeys(plan.order, seconds))
