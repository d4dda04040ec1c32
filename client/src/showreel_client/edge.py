"""The route edge-function: whatever function `parameters["_edgeFunction"]` names."""

from showreel_client.effects import Conversation
from showreel_client.jobs import finished
from showreel_client.models import GenerationInput
from showreel_client.outcome import Outcome
from showreel_client.references import asset_fields, own_parameters
from showreel_client.run import Run


def generate(run: Run, wanted: GenerationInput) -> Conversation[Outcome]:
    """Parameters, references and prompt are the body; a job it starts is waited for.

    The input's `model` is a name for the call and isn't sent; `parameters["model"]` is. Raises
    GenerationError `edge_function_error`.
    """
    fields = asset_fields(wanted.reference_assets) | own_parameters(wanted)
    body = yield from finished(run, run.post(fields | {"prompt": wanted.prompt}))
    outcome = Outcome()
    outcome.take(body)
    outcome.take_media(body)
    return outcome
