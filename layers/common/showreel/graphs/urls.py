"""Checks URLs in a graph: that they can be fetched, and that our files are the workspace's."""

from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from showreel.assets.keys import is_own_url, key_of
from showreel.assets.service import owned_keys
from showreel.core.errors import InvalidInput
from showreel.graphs.building.node import UrlCheck
from showreel.graphs.check import RunSteps
from showreel.graphs.findings import Finding


def url_check(base_url: str) -> UrlCheck:
    """Returns the check of a URL's spelling, which does no I/O."""

    def check(url: str) -> None:
        try:
            path = unquote(urlsplit(url).path)
        except ValueError as error:
            raise InvalidInput("The URL is malformed", code="bad_url") from error
        if ".." in path.split("/"):
            raise InvalidInput("The URL's path leads upwards", code="bad_url")
        if not is_own_url(url, base_url):
            from showreel.assets.fetch import Rules, checked_url  # rarely needed

            checked_url(url, Rules(max_bytes=0))
        elif key_of(url, base_url) is None:
            raise InvalidInput("No such media file", code="bad_url")

    return check


def unowned(run: RunSteps, workspace_id: str, base_url: str) -> Iterable[Finding]:
    """Yields a finding for each URL of our storage whose file isn't the workspace's."""
    keys = {
        (node_id, handle, key)
        for node_id, step in run.steps.items()
        for handle, inputs in step.inputs.items()
        for part in inputs
        if part.url is not None and (key := key_of(part.url, base_url)) is not None
    }
    owned = owned_keys(workspace_id, {key for _, _, key in keys})
    for node_id, handle, key in sorted(keys):
        if key not in owned:
            yield Finding("media_not_found", "No such media file", f"inputs.{handle}", node_id)
