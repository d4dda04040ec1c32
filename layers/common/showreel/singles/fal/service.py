"""fal-stream: any of fal's models, ordered once and followed as often as needed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from showreel.core.errors import InvalidInput
from showreel.core.ids import new_id
from showreel.edge.prefer import Call
from showreel.generation.engine import jobs
from showreel.generation.models import Job
from showreel.identity import Caller
from showreel.orders.lifecycle import begin
from showreel.orders.service import FAL, chosen, place
from showreel.singles.fal.events import follow
from showreel.singles.fal.schemas import FalRequest


@dataclass(frozen=True)
class StartedRequest:
    """A job and the id of its request."""

    job: Job
    request_id: str

    def events(self, deadline: float) -> Iterator[bytes]:
        """Yields the stream's events, at most until `deadline` on the monotonic clock."""
        return follow(self.job, self.request_id, jobs().get, deadline=deadline)


def start(caller: Caller, request: FalRequest, call: Call) -> StartedRequest:
    """Starts the job. Raises as `place` and `begin`, and InvalidInput `wrong_media_type`."""
    _check_kind(request)
    order = place(FAL, caller, request)
    key = request.request_id or call.key or new_id()
    return StartedRequest(begin(order, replace(call, key=key)), key)


def _check_kind(request: FalRequest) -> None:
    model = chosen(FAL, request)
    if request.media_type not in (None, model.media_type):
        message = f"{model.id} makes {model.media_type}, not {request.media_type}"
        raise InvalidInput(message, code="wrong_media_type", field="media_type")
