"""Nodes that FFmpeg makes: Transform and Combine, as jobs of our own model."""

from collections.abc import Mapping, Sequence
from typing import Any

from showreel.core.errors import InvalidInput
from showreel.generation.models import InputMedia, InputUrl, Job, Wanted
from showreel.graphs.models import Artifact
from showreel.graphs.nodes.results import output_of
from showreel.graphs.operations import MAIN, OUR_MODEL
from showreel.graphs.ports import JobOrder, NodeCall, Output
from showreel.media.operations.models import OPERATIONS, MediaKind, Parameters
from showreel.orders.service import BUCKETS

Media = Mapping[str, Sequence[Artifact]]


class Operated:
    """A node that is one of FFmpeg's operations."""

    def begin(self, call: NodeCall) -> Output | JobOrder:
        """Returns the order of the operation. Raises InvalidInput for unfit media."""
        operation = OPERATIONS[str(call.step.operation)].model_validate(call.step.settings)
        media = _given(operation, call.inputs.media)
        kind = _kind(operation, media)
        wanted = Wanted(
            media_type=kind,
            inputs={
                "operation": operation.model_dump(mode="json"),
                "files": {name: [one.key or "" for one in every] for name, every in media.items()},
            },
            **places(media),
        )
        return order(wanted, kind)

    def output(self, call: NodeCall, job: Job) -> Output:
        """Returns the job's results."""
        return output_of(call.step, job)


def order(wanted: Wanted, kind: MediaKind) -> JobOrder:
    """Returns the order of a job of our own model, stored in its kind's bucket."""
    return JobOrder(
        catalogue_id=OUR_MODEL,
        wanted=wanted,
        output_prefix=BUCKETS[kind],
        may_be_any_media=True,
    )


def places(media: Media) -> dict[str, Any]:
    """Returns the input fields of a job of our own model: objects, and URLs to fetch."""
    every = [
        (("files", name, index), one)
        for name, some in media.items()
        for index, one in enumerate(some)
    ]
    return {
        "input_media": tuple(
            InputMedia(path=path, key=one.key) for path, one in every if one.key is not None
        ),
        "input_urls": tuple(
            InputUrl(path=path, url=one.url, kind=one.type)
            for path, one in every
            if one.key is None and one.url is not None and one.type in BUCKETS
        ),
    }


def _given(operation: Parameters, media: Media) -> dict[str, list[Artifact]]:
    """Returns the media by handle, one where the operation takes one. Raises InvalidInput."""
    given: dict[str, list[Artifact]] = {}
    for name, takes in operation.takes.items():
        every = list(media.get(name, ()))
        if not every:
            message = f"nothing comes in at `{name}`"
            raise InvalidInput(message, code="missing_input", field=name)
        wrong = next((one for one in every if one.type not in (*takes.kinds, "any")), None)
        if wrong is not None:
            message = f"takes {' or '.join(takes.kinds)}, not {wrong.type}"
            raise InvalidInput(message, code="incompatible_handles", field=name)
        if takes.most > 1 and len(every) > takes.most:
            message = f"takes at most {takes.most}"
            raise InvalidInput(message, code="too_many_inputs", field=name)
        given[name] = every[: takes.most]
    return given


def _kind(operation: Parameters, media: Media) -> MediaKind:
    """Returns the media type of the result."""
    if operation.gives != "same":
        return operation.gives
    kinds: dict[str, MediaKind] = {"video": "video", "image": "image", "audio": "audio"}
    return kinds.get(media[MAIN][0].type, "video")
