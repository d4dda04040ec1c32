"""What GMI's two hosts have in common here: the name, the key, words for how far a task is."""

from local.simulators.lifecycle import Voice
from local.simulators.tasks import Status
from local.simulators.vendors.base import Exchange
from local.simulators.vendors.chat import bearer

NAME = "gmi"
WORDS = {
    Status.QUEUED: "queued",
    Status.RUNNING: "processing",
    Status.SUCCEEDED: "success",
    Status.FAILED: "failed",
    Status.CANCELED: "cancelled",
    Status.ABORTED: "failed",
}
CONTENT_POLICY = frozenset({"content_policy"})
FAILURE_TEXTS = {
    "failed": "Backend error (500)",
    "content_policy": "content_policy_violation",
}
"""The vendor documents that there are codes, and none of them; these are usual ones."""
VOICE = Voice(lambda _: {}, FAILURE_TEXTS.__getitem__, lambda: None, refused_later=CONTENT_POLICY)
"""GMI calls nobody back. The makers look at the content, when a request has long been accepted."""


def has_key(exchange: Exchange, keys: dict[str, str]) -> bool:
    """Returns whether the request carries the account's key."""
    return bool(bearer(exchange)) and bearer(exchange) == keys.get("gmi_api_key")
