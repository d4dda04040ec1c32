"""A film by a compute graph: an idea becomes a picture, that a video, which is cut, gets a logo and
music. Run again after a change of a node, only that node and what is below it are made.
"""

import os
import sys
from pathlib import Path
from typing import Any

import httpx

from showreel_client import GraphCompleted, NodeChanged, UnifiedGenerationService


def graph(logo_url: str, music_url: str) -> dict[str, Any]:
    """Returns the graph: what each node makes, and of what."""
    nodes = {
        "idea": ("Prompt", {"prompt": "A lighthouse at {{ time }}", "inputs": {"time": "dusk"}}),
        "still": ("Image", {"model": "fal-ai/flux/schnell", "seed": 7}),
        "clip": ("Video", {"prompt": "slow pan: {{ prompt }}", "duration": 5}),
        "part": ("Transform", {"operation": "trim", "endSeconds": 3}),
        "logo": ("Upload", {"url": logo_url, "mediaType": "image"}),
        "branded": ("Transform", {"operation": "overlay", "position": "top-right"}),
        "music": ("Upload", {"url": music_url, "mediaType": "audio"}),
        "film": ("Combine", {"operation": "mix-audio", "volume": 60}),
    }
    edges = [
        ("idea", "still", "prompt"),
        ("idea", "clip", "prompt"),
        ("still", "clip", "image"),
        ("clip", "part", "media"),
        ("part", "branded", "media"),
        ("logo", "branded", "overlay"),
        ("branded", "film", "media"),
        ("music", "film", "audio"),
    ]
    return {
        "nodes": [
            {"id": node_id, "kind": kind, "params": params}
            for node_id, (kind, params) in nodes.items()
        ],
        "edges": [
            {
                "id": f"{source}-{target}-{handle}",
                "source_node_id": source,
                "target_node_id": target,
                "target_handle": handle,
            }
            for source, target, handle in edges
        ],
    }


def save(base_url: str, token: str, project_id: str, made: dict[str, Any], revision: int) -> None:
    """Puts the graph in place of the project's graph of this revision."""
    url = f"{base_url}/api/projects/{project_id}/graph"
    headers = {"Authorization": f"Bearer {token}"}
    httpx.put(url, json={**made, "revision": revision}, headers=headers).raise_for_status()


def run(service: UnifiedGenerationService, project_id: str) -> GraphCompleted:
    """Runs the project's graph and prints each change of its nodes' statuses."""
    for event in service.execute_graph(project_id):
        if isinstance(event, NodeChanged):
            how = " (made before)" if event.cached else ""
            print(f"{event.node_id}: {event.status}{how}")
        if isinstance(event, GraphCompleted):
            return event
    raise RuntimeError("the stream ended without a result")


if __name__ == "__main__":
    url, token = os.environ["SHOWREEL_URL"], os.environ["SHOWREEL_TOKEN"]
    with UnifiedGenerationService(url, token) as service:
        logo, music = (service.upload(Path(one)) for one in sys.argv[1:3])
        project = service.projects.create("Lighthouse")
        save(url, token, project.id, graph(logo, music), revision=0)
        print(run(service, project.id).outputs["film"].url)
