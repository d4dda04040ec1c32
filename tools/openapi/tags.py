"""The parts of the document, by how paths begin; the longest beginning counts."""

from typing import Any

from tools.openapi.routes import Route

TEXTS = {
    "Films": "Video projects with their clips, made into films",
    "Storyboards": "Projects with scenes and shots, and what is made for them",
    "Graphs": "Graphs of nodes, run as a whole",
    "Cuts": "Timelines of storyboards, exported as films",
    "Videos": "Single videos",
    "Models": "Any model of the catalogue: pictures, videos, sounds, texts",
    "Runs": "How far the work is, polled or followed",
    "Workspaces": "Users, workspaces, members, credits, jobs, files",
    "Webhooks": "What vendors send to us, and what we send to others",
    "Service": "The service itself, and the files that it has made",
}
PATHS = {
    "/api/video-": "Films",
    "/api/trigger-video": "Films",
    "/api/music-tracks": "Films",
    "/api/projects": "Storyboards",
    "/api/scenes": "Storyboards",
    "/api/shots": "Storyboards",
    "/functions/v1/gen-shots": "Storyboards",
    "/functions/v1/project-auto-generate": "Storyboards",
    "/functions/v1/feature-flags": "Storyboards",
    "/api/projects/{project_id}/graph": "Graphs",
    "/api/compute-runs": "Graphs",
    "/functions/v1/compute-execute": "Graphs",
    "/functions/v1/node-catalog": "Graphs",
    "/api/projects/{project_id}/timeline": "Cuts",
    "/functions/v1/director-cut": "Cuts",
    "/functions/v1/generate-": "Videos",
    "/functions/v1/": "Models",
    "/functions/v1/wallet-auth": "Workspaces",
    "/api/runs": "Runs",
    "/api/v3": "Runs",
    "/realtime": "Runs",
    "/api/": "Workspaces",
    "/api/webhook": "Webhooks",
    "/webhooks": "Webhooks",
    "/api/health": "Service",
    "/api/openapi.json": "Service",
    "/docs": "Service",
    "/storage": "Service",
}


def of(route: Route) -> str:
    """Returns the route's tag. Raises ValueError for a path that begins like no other."""
    starts = [start for start in PATHS if route.path.startswith(start)]
    if not starts:
        raise ValueError(f"{route.key}: say in tools/openapi/tags.py where it belongs")
    return PATHS[max(starts, key=len)]


def used(found: list[Route]) -> list[dict[str, Any]]:
    """Returns the tags that some route has, in our order."""
    names = {of(route) for route in found}
    return [{"name": name, "description": text} for name, text in TEXTS.items() if name in names]
