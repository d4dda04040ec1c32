"""When a delivery is tried again, in seconds.

SQS keeps a message out of sight for at most 12 hours after it was received, so no wait is longer:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
"""

import random

TRY_SECONDS = 86_400
"""How long after its first attempt a delivery is tried."""
FIRST_SECONDS, GROWTH, LONGEST_SECONDS = 5, 3, 3600
MOST_ASKED_SECONDS = 11 * 3600
"""Of a pause that a receiver asks for, so much is kept."""
PATIENCE = 3
"""After so many failures in a row an endpoint is left alone for a while."""


def wait_seconds(attempts: int, asked_seconds: int | None, left_seconds: int) -> int:
    """Returns how long to wait after so many attempts: 5 s, then three times as long each time to
    an hour, give or take a fifth, the last time to the end of the day; or as long as asked.
    """
    grown = min(FIRST_SECONDS * GROWTH ** min(attempts - 1, 10), LONGEST_SECONDS)
    jittered = grown * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret
    own = min(int(jittered), max(left_seconds, 1))
    return max(1, own, _kept(asked_seconds))


def pause_seconds(failures: int, asked_seconds: int | None) -> int:
    """Returns for how long an endpoint is left alone after so many failures in a row."""
    over = failures - PATIENCE
    own = min(FIRST_SECONDS * GROWTH ** min(over, 10), LONGEST_SECONDS) if over >= 0 else 0
    return max(own, _kept(asked_seconds))


def rest_seconds(left_seconds: int) -> int:
    """Returns how long a delivery waits for an endpoint's pause to end: with jitter, so that not
    all of them come at once.
    """
    spread = random.uniform(1, 1 + left_seconds / 10)  # noqa: S311 - jitter, not a secret
    return left_seconds + int(spread)


def _kept(asked_seconds: int | None) -> int:
    return min(max(asked_seconds or 0, 0), MOST_ASKED_SECONDS)
