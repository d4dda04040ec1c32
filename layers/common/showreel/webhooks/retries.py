"""The waits between attempts of a delivery, in seconds.

SQS hides a message for at most 12 hours after it was received, so no wait is longer:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
"""

import random

TRY_SECONDS = 86_400
"""How long after its first attempt a delivery is retried."""
FIRST_SECONDS, GROWTH, LONGEST_SECONDS = 5, 3, 3600
MOST_ASKED_SECONDS = 11 * 3600
"""The longest pause that a receiver may ask for; more is cut to this."""
PATIENCE = 3
"""After so many failures in a row an endpoint is paused."""


def wait_seconds(attempts: int, asked_seconds: int | None, left_seconds: int) -> int:
    """Returns the wait after so many attempts: 5 s, tripled each time up to an hour, ± 20 %, and
    not beyond `left_seconds`; at least as long as the receiver asked for.
    """
    grown = min(FIRST_SECONDS * GROWTH ** min(attempts - 1, 10), LONGEST_SECONDS)
    jittered = grown * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret
    own = min(int(jittered), max(left_seconds, 1))
    return max(1, own, _kept(asked_seconds))


def pause_seconds(failures: int, asked_seconds: int | None) -> int:
    """Returns how long to pause an endpoint after so many failures in a row, or as it asked."""
    over = failures - PATIENCE
    own = min(FIRST_SECONDS * GROWTH ** min(over, 10), LONGEST_SECONDS) if over >= 0 else 0
    return max(own, _kept(asked_seconds))


def rest_seconds(left_seconds: int) -> int:
    """Returns how long a delivery waits for the end of its endpoint's pause, with jitter, so that
    not all are sent at once.
    """
    spread = random.uniform(1, 1 + left_seconds / 10)  # noqa: S311 - jitter, not a secret
    return left_seconds + int(spread)


def _kept(asked_seconds: int | None) -> int:
    return min(max(asked_seconds or 0, 0), MOST_ASKED_SECONDS)
