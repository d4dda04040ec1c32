"""POST /functions/v1/gemini-text-generation: a completion by Gemini or an OpenAI model."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from showreel.core.http import api
from showreel.identity import current_caller
from showreel.routed.text_answers import completion
from showreel.routed.text_endpoints import answer
from showreel.routed.text_order import GEMINI
from showreel.routed.text_wire import RESPONSES, TextBody
from showreel.streaming.opening import Opening

app = api(current_caller)
opening = Opening()


@app.post("/functions/v1/gemini-text-generation", responses=RESPONSES)
def generate(request: TextBody) -> Response[Any]:
    """A `chat.completion`; with `stream` its chunks as they come, then `[DONE]`."""
    return answer(app, opening, request, GEMINI, completion)


def handler(event: dict[str, Any], context: Any) -> Any:
    """The Lambda entry point; `showreel.streaming` sends what it returns."""
    return opening.result(app.resolve(event, context))
