"""POST /functions/v1/gemini-text-generation: a completion by Gemini or an OpenAI model."""

from typing import Any

from showreel.edge.api import Response, api
from showreel.edge.streaming.opening import Opening
from showreel.identity import current_caller
from showreel.singles.text.endpoints import answer
from showreel.singles.text.names import GEMINI
from showreel.singles.text.responses import completion
from showreel.singles.text.schemas import RESPONSES, TextBody

app = api(current_caller)
opening = Opening()


@app.post("/functions/v1/gemini-text-generation", responses=RESPONSES)
def generate(request: TextBody) -> Response[Any]:
    """Answers with a `chat.completion`; with `stream` its chunks as they come, then `[DONE]`."""
    return answer(app, opening, request, GEMINI, completion)


def handler(event: dict[str, Any], context: Any) -> Any:
    """Handles an invocation; `showreel.edge.streaming` sends what it returns."""
    return opening.result(app.resolve(event, context))
