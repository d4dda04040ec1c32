"""Uploads: media from URLs, fetched, checked and stored as the workspace's own."""

from showreel.core.errors import InvalidInput
from showreel.generation.models import Job, Wanted
from showreel.graphs.models import Artifact
from showreel.graphs.nodes.operated import order, places
from showreel.graphs.nodes.results import output_of
from showreel.graphs.operations import MAIN
from showreel.graphs.ports import JobOrder, NodeCall, Output
from showreel.media.operations.models import MediaKind

KINDS: dict[str, MediaKind] = {"video": "video", "image": "image", "audio": "audio"}


class Uploaded:
    """A node that names a file by URL."""

    def begin(self, call: NodeCall) -> Output | JobOrder:
        """Returns the order to fetch the file. Raises InvalidInput `missing_input`."""
        url = next((one.url for some in call.inputs.media.values() for one in some), None)
        kind = KINDS.get(call.step.output)
        if url is None or kind is None:
            raise InvalidInput("The upload has no URL", code="missing_input", field="url")
        media = {MAIN: [Artifact(type=kind, url=url)]}
        wanted = Wanted(
            media_type=kind, inputs={"accept": kind, "files": {MAIN: [""]}}, **places(media)
        )
        return order(wanted, kind)

    def output(self, call: NodeCall, job: Job) -> Output:
        """Returns the file as an artifact."""
        return output_of(call.step, job)
