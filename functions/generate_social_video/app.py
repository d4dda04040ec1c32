"""/functions/v1/generate-social-video: a short video for social media, and how far it is.

`showreel.edge.streaming` sends what the handler returns, however late.
"""

from showreel.edge.api import Response, api, json_response
from showreel.edge.queries import JobId
from showreel.identity import current_caller
from showreel.orders.lifecycle import answered
from showreel.singles.video import service
from showreel.singles.video.calls import this_call
from showreel.singles.video.responses import answer
from showreel.singles.video.schemas import RESPONSES, SocialVideo

app = api(current_caller)
handler = app.resolve


@app.post("/functions/v1/generate-social-video", responses=RESPONSES)
def generate(request: SocialVideo) -> Response:
    """Makes a video: the video if it is there within the window, else 202 with its job's id."""
    call = this_call(app)
    order = service.place(service.SOCIAL, current_caller(app), request)
    return answered(app, order, call, answer)


@app.get("/functions/v1/generate-social-video")
def look(job_id: JobId) -> Response:
    """Returns the status of the job; `video_url` once it is completed."""
    return json_response(200, service.look(current_caller(app), job_id))
