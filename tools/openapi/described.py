"""What the code of a route doesn't say by its types: bodies built as plain objects, and streams.

A route that needs an entry and has none stops the generator; so does an entry without its route.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from showreel.runs.models import RunView
from showreel.webhooks.responses import NewWebhookView
from tools.openapi import bodies, events
from tools.openapi.runs import AnyRun

WIDER: Mapping[Any, Any] = {RunView: AnyRun}
"""What an annotation stands for where what is answered has more fields than it says."""


@dataclass(frozen=True)
class Described:
    """One operation. `bodies` are by status; None is an answer without a body."""

    bodies: Mapping[int, Any] = field(default_factory=dict)
    events: Mapping[str, Any] | None = None
    files: Mapping[int, str] = field(default_factory=dict)
    """Content types of bodies that aren't JSON, by status."""
    errors: frozenset[int] = frozenset()
    """Statuses that are raised where the code's reader doesn't look."""
    parameters: tuple[str, ...] = ()
    """Headers that it reads besides those that are found."""


VIDEO = Described({200: bodies.VideoMade, 202: bodies.VideoAccepted})
VIDEO_POLL = Described({200: bodies.VideoStatus})
SOUND = Described(
    {200: bodies.SoundMade, 202: bodies.SoundAccepted, 303: None}, parameters=("Accept",)
)
SOUND_POLL = Described({200: bodies.SoundStatus, 303: None}, parameters=("Accept",))
DESCRIBED: Mapping[str, Described] = {
    "POST /functions/v1/generate-interior-video-v2": VIDEO,
    "GET /functions/v1/generate-interior-video-v2": VIDEO_POLL,
    "POST /functions/v1/generate-social-video": VIDEO,
    "GET /functions/v1/generate-social-video": VIDEO_POLL,
    "POST /functions/v1/elevenlabs-tts": SOUND,
    "GET /functions/v1/elevenlabs-tts": SOUND_POLL,
    "POST /functions/v1/elevenlabs-sfx": SOUND,
    "GET /functions/v1/elevenlabs-sfx": SOUND_POLL,
    "POST /functions/v1/elevenlabs-music": SOUND,
    "GET /functions/v1/elevenlabs-music": SOUND_POLL,
    "POST /functions/v1/gmi-execute": Described({200: bodies.GmiRequestState}),
    "GET /functions/v1/gmi-execute": Described({200: bodies.GmiRequestState}),
    "POST /functions/v1/gemini-text-generation": Described(
        {200: bodies.Completion}, events.TEXT, errors=frozenset({402})
    ),
    "POST /functions/v1/groq-chat": Described(
        {200: bodies.GroqText}, events.TEXT, errors=frozenset({402})
    ),
    "POST /functions/v1/fal-stream": Described(events=events.FAL),
    "POST /functions/v1/gen-shots": Described(events=events.SHOTS),
    "POST /functions/v1/compute-execute": Described(events=events.GRAPH),
    "GET /functions/v1/project-auto-generate/stream": Described(events=events.BATCH),
    "GET /api/runs/{run_id}/events": Described(events=events.RUN),
    "POST /functions/v1/director-cut": Described({200: bodies.CutAnswer}),
    "GET /functions/v1/model-catalog": Described({200: list[bodies.CatalogModel], 304: None}),
    "GET /functions/v1/node-catalog": Described({200: bodies.NodeCatalog, 304: None}),
    "GET /api/openapi.json": Described({200: bodies.OpenApi, 304: None}),
    "GET /docs": Described({304: None}, files={200: "text/html"}),
    "GET /docs/redoc.js": Described({304: None}, files={200: "text/javascript"}),
    "GET /realtime/v1/runs/{run_id}": Described({200: list[bodies.FeedMessage]}),
    "GET /api/v3/runs/{run_id}": Described({200: bodies.RetrievedRun}),
    "POST /functions/v1/wallet-auth": Described({200: bodies.WalletAnswer}),
    "GET /api/projects/{project_id}/timeline/otio": Described({200: bodies.Otio}),
    "POST /api/workspaces/{workspace_id}/webhooks": Described({201: NewWebhookView}),
    "POST /webhooks/{provider}": Described({200: bodies.Received}),
    "GET /api/projects/{project_id}/timeline": Described(errors=frozenset({404})),
    "PATCH /api/projects/{project_id}/timeline": Described(errors=frozenset({404})),
}
