"""POST /functions/v1/groq-chat: a text by a model at Groq."""

from typing import Any

from showreel.edge.api import Response, api
from showreel.edge.streaming.opening import Opening
from showreel.identity import current_caller
from showreel.singles.text.endpoints import answer
from showreel.singles.text.names import GROQ
from showreel.singles.text.responses import groq_answer
from showreel.singles.text.schemas import RESPONSES, GroqBody

app = api(current_caller)
opening = Opening()


@app.post("/functions/v1/groq-chat", responses=RESPONSES)
def chat(request: GroqBody) -> Response[Any]:
    """`text` and `usage`; with `stream` chunks in OpenAI's form as they come, then `[DONE]`."""
    return answer(app, opening, request, GROQ, groq_answer)


def handler(event: dict[str, Any], context: Any) -> Any:
    """Handles an invocation; `showreel.edge.streaming` sends what it returns."""
    return opening.result(app.resolve(event, context))
