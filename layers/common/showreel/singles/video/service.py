"""Orders of single videos."""

from collections.abc import Mapping
from typing import Any

from showreel.assets.keys import new_key
from showreel.catalog.values import InputMediaUrl
from showreel.core.clock import now_seconds
from showreel.core.settings import SingleVideos, settings
from showreel.generation.models import CaptureOn, JobRequest, Terms, Wanted
from showreel.identity import Caller
from showreel.orders import lifecycle
from showreel.orders.lifecycle import Order
from showreel.orders.media import RAW_IMAGE, Copies
from showreel.orders.workspace import paying
from showreel.singles.video.responses import status_of
from showreel.singles.video.routing import choose
from showreel.singles.video.schemas import VideoOrder

INTERIOR, SOCIAL = "interior", "social"
"""The catalogue's products, which are also the kinds of their jobs."""
KINDS = frozenset({INTERIOR, SOCIAL})
BUCKET = "generation-videos"
FRAMES = ("image_url", "end_image_url", "before_image_url")
"""The fields that name pictures."""
CAPTURE_ON: Mapping[str, CaptureOn] = {"charge": "acceptance", "void": "delivery"}
"""When a job is charged, by the operator's policy for jobs that fail."""


def place(product: str, caller: Caller, order: VideoOrder) -> Order:
    """Returns the order of a video. Raises NotFound for a foreign workspace, then as `choose`."""
    payer = paying(caller, order.workspace_id)
    choice = choose(product, order)

    def job(job_id: str, copies: Copies, base_url: str) -> JobRequest:
        rules = settings(SingleVideos)
        first, last = (copies.keys.get(url or "") for url in order.frames)
        return JobRequest(
            job_id=job_id,
            workspace_id=payer.workspace_id,
            user_id=payer.user_id,
            kind=product,
            catalogue_id=choice.model.id,
            requested_model=choice.requested_model,
            fallback_reason=choice.fallback_reason,
            request_digest=order.digest,
            wanted=Wanted(
                video_type=choice.video_type,
                prompt=order.prompt,
                image_key=first,
                end_image_key=last,
                raw_pictures=True,
                duration_seconds=choice.duration_seconds,
                aspect_ratio=choice.aspect_ratio,
            ),
            terms=Terms(
                deadline_at_seconds=now_seconds() + rules.generation_timeout_seconds,
                late_seconds=rules.late_result_seconds,
                capture_on=CAPTURE_ON[rules.failed_generation_policy],
                base_is_least=True,
                retry_accepted=False,
            ),
            output_key=new_key(BUCKET, "video/mp4"),
            public_base_url=base_url,
        )

    frames = tuple(
        InputMediaUrl(RAW_IMAGE, url, (name,))
        for name in FRAMES
        if (url := getattr(order, name)) is not None
    )
    return Order(product, payer, order.digest, choice.credits, job, frames)


def look(caller: Caller, job_id: str) -> dict[str, Any]:
    """Returns the job as it is now. Raises NotFound."""
    return status_of(lifecycle.look(caller, job_id, KINDS))
