"""Nodes that need no job: texts that stand in the graph, and Output nodes."""

from showreel.core.errors import InvalidInput
from showreel.generation.models import Job
from showreel.graphs.models import Artifact
from showreel.graphs.ports import JobOrder, NodeCall, Output


class _AtOnce:
    """Base of nodes that need no job."""

    def output(self, call: NodeCall, job: Job) -> Output:
        """Raises NotImplementedError: these nodes never have a job."""
        raise NotImplementedError(f"{call.step.kind} nodes order nothing: {job.job_id}")


class Words(_AtOnce):
    """A text, with its templates filled."""

    def begin(self, call: NodeCall) -> Output | JobOrder:
        """Returns the text. Raises InvalidInput `missing_input` if it is blank."""
        text = call.inputs.texts.get("prompt", "")
        if not text.strip():
            raise InvalidInput("The text is empty", code="missing_input", field="prompt")
        return Output(artifacts=(Artifact(type="text", text=text),))


class Shown(_AtOnce):
    """An Output node, which gives its inputs unchanged."""

    def begin(self, call: NodeCall) -> Output | JobOrder:
        """Returns all inputs, in the order of the edges."""
        every = (one for some in call.inputs.media.values() for one in some)
        return Output(artifacts=tuple(every))
