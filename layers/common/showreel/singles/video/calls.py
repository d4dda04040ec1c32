"""Requests for a video: how long each waits for the result."""

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from showreel.core.settings import SingleVideos, settings
from showreel.edge import prefer as calls
from showreel.edge.prefer import Call


def this_call(app: APIGatewayRestResolver) -> Call:
    """Returns the call that `app` is answering. Raises InvalidInput `bad_key`."""
    return calls.this_call(app, settings(SingleVideos).sync_window_seconds)
