"""One request for a video, and how long it may wait for it."""

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from showreel.core.settings import SingleVideos, settings
from showreel.edge import prefer as calls
from showreel.edge.prefer import Call


def this_call(app: APIGatewayRestResolver) -> Call:
    """Returns the call that `app` answers now. Raises InvalidInput `bad_key`."""
    return calls.this_call(app, settings(SingleVideos).sync_window_seconds)
