"""/functions/v1/elevenlabs-music: generates music, and shows its job."""

from showreel.edge.api import Response, api, json_response
from showreel.edge.prefer import this_call
from showreel.edge.queries import JobId
from showreel.identity import current_caller
from showreel.orders.lifecycle import answered
from showreel.singles.audio import service as audio
from showreel.singles.audio.responses import answer, as_accepted
from showreel.singles.audio.schemas import RESPONSES, MusicOrder

app = api(current_caller)
handler = app.resolve


@app.post("/functions/v1/elevenlabs-music", responses=RESPONSES)
def generate(request: MusicOrder) -> Response:
    """Makes a sound: the sound if it is there within 25 s, else 202 with the id of its job."""
    call = this_call(app, audio.WAIT_SECONDS)
    order = audio.place(audio.MUSIC, current_caller(app), request)
    return as_accepted(app, answered(app, order, call, answer))


@app.get("/functions/v1/elevenlabs-music")
def look(job_id: JobId) -> Response:
    """Returns the status of the job; `url` once it is completed."""
    return as_accepted(app, json_response(200, audio.look(current_caller(app), job_id)))
