"""POST /functions/v1/gemini-text-generation: a completion by Gemini or an OpenAI model."""

from showreel.edge.api import Response, api
from showreel.edge.streaming.opening import Opening
from showreel.identity import current_caller
from showreel.singles.text.endpoints import answer
from showreel.singles.text.names import GEMINI
from showreel.singles.text.responses import completion
from showreel.singles.text.schemas import RESPONSES, TextBody

app = api(current_caller)
opening = Opening(app)
handler = opening.handle


@app.post("/functions/v1/gemini-text-generation", responses=RESPONSES)
def generate(request: TextBody) -> Response:
    """Answers with a `chat.completion`; with `stream` its chunks as they come, then `[DONE]`."""
    return answer(app, opening, request, GEMINI, completion)
