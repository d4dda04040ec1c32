"""What the endpoints of single videos do: order, make and wait, look."""

from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.event_handler import Response

from showreel.catalog.values import MediaUrl
from showreel.core.clock import now_seconds
from showreel.core.settings import SingleVideos, settings
from showreel.edge.prefer import Call
from showreel.generation.models import JobRequest
from showreel.identity import Caller
from showreel.orders import lifecycle
from showreel.orders.media import RAW_IMAGE, Copies
from showreel.orders.workspace import paying
from showreel.singles.video.responses import answer, status_of
from showreel.singles.video.routing import Choice, choose
from showreel.singles.video.schemas import VideoOrder

INTERIOR, SOCIAL = "interior", "social"
"""The catalogue's products, and the kinds of their jobs."""
KINDS = frozenset({INTERIOR, SOCIAL})
BUCKET = "generation-videos"


@dataclass(frozen=True)
class PlacedVideo:
    """An order whose caller may place it and whose model can do it."""

    kind: str
    user_id: str
    order: VideoOrder
    choice: Choice

    @property
    def workspace_id(self) -> str:
        """Who pays."""
        return self.order.workspace_id

    @property
    def digest(self) -> str:
        """What tells it from another one with the same key."""
        return self.order.digest

    @property
    def media(self) -> tuple[MediaUrl, ...]:
        """Its pictures: the job itself makes them plain and brings them to a model's ratio."""
        return tuple(MediaUrl(RAW_IMAGE, url) for url in self.order.frames if url)

    @property
    def least_credits(self) -> int:
        """The price."""
        return self.choice.credits

    def request(self, job_id: str, copies: Copies, base_url: str) -> JobRequest:
        """The job of it."""
        rules, choice = settings(SingleVideos), self.choice
        first, last = (copies.keys.get(url or "") for url in self.order.frames)
        return JobRequest(
            job_id=job_id,
            workspace_id=self.workspace_id,
            user_id=self.user_id,
            kind=self.kind,
            model=choice.model.id,
            requested_model=choice.requested_model,
            fallback_reason=choice.fallback_reason,
            video_type=choice.video_type,
            prompt=self.order.prompt,
            image_key=first,
            end_image_key=last,
            raw_pictures=True,
            duration_seconds=choice.duration_seconds,
            aspect_ratio=choice.aspect_ratio,
            request_digest=self.digest,
            capture_on="acceptance" if rules.failed_generation_policy == "charge" else "delivery",
            output_key=f"{BUCKET}/{job_id}.mp4",
            deadline_at_seconds=now_seconds() + rules.generation_timeout_seconds,
            late_seconds=rules.late_result_seconds,
            base_is_least=True,
            retry_accepted=False,
            public_base_url=base_url,
        )


def place(product: str, caller: Caller, order: VideoOrder) -> PlacedVideo:
    """Raises NotFound for a workspace that isn't the caller's, then what `choose` raises."""
    member = paying(caller, order.workspace_id)
    return PlacedVideo(product, member.user_id, order, choose(product, order))


def make(placed: PlacedVideo, call: Call) -> Response[Any]:
    """The video, or how far it is when the call may wait no longer.

    Raises as `lifecycle.begin`, and the error of a job that failed meanwhile.
    """
    return answer(lifecycle.make(placed, call), call)


def look(caller: Caller, job_id: str) -> dict[str, Any]:
    """The job as it is now. Raises NotFound."""
    return status_of(lifecycle.look(caller, job_id, KINDS))
