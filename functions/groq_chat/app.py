"""POST /functions/v1/groq-chat: a text by a model at Groq."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from showreel.core.http import api
from showreel.identity import current_caller
from showreel.routed.text_answers import groq_answer
from showreel.routed.text_endpoints import answer
from showreel.routed.text_order import GROQ
from showreel.routed.text_wire import RESPONSES, GroqBody
from showreel.streaming.opening import Opening

app = api(current_caller)
opening = Opening()


@app.post("/functions/v1/groq-chat", responses=RESPONSES)
def chat(request: GroqBody) -> Response[Any]:
    """`text` and `usage`; with `stream` chunks in OpenAI's form as they come, then `[DONE]`."""
    return answer(app, opening, request, GROQ, groq_answer)


def handler(event: dict[str, Any], context: Any) -> Any:
    """The Lambda entry point; `showreel.streaming` sends what it returns."""
    return opening.result(app.resolve(event, context))
