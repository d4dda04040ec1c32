"""A webhook as its receiver checks it: by the library of the standard, at the time it came."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook
from standardwebhooks import webhooks as their_library


def verified(secret: str, headers: Mapping[str, str], body: bytes, at_seconds: float) -> Any:
    """Returns the body. Raises WebhookVerificationError."""

    class Then(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.fromtimestamp(at_seconds, tz or UTC)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(their_library, "datetime", Then)
        return Webhook(secret).verify(body, dict(headers))
