"""POST /functions/v1/groq-chat: a text by a model at Groq."""

from showreel.edge.api import Response, api
from showreel.edge.streaming.opening import Opening
from showreel.identity import current_caller
from showreel.singles.text.endpoints import answer
from showreel.singles.text.names import GROQ
from showreel.singles.text.responses import groq_answer
from showreel.singles.text.schemas import RESPONSES, GroqBody

app = api(current_caller)
opening = Opening(app)
handler = opening.handle


@app.post("/functions/v1/groq-chat", responses=RESPONSES)
def chat(request: GroqBody) -> Response:
    """`text` and `usage`; with `stream` chunks in OpenAI's form as they come, then `[DONE]`."""
    return answer(app, opening, request, GROQ, groq_answer)
