"""The vendors of models, each behind the same typed port. Their texts stay here."""

from showreel.providers.base import (
    Failed,
    Lookup,
    Pending,
    Picture,
    PollResult,
    Provider,
    Recovery,
    SubmitLost,
    SubmitRequest,
    Submitted,
    SubmitUnknown,
    Succeeded,
    Task,
)
from showreel.providers.registry import BUILTIN, INSTANT, get_provider

__all__ = [
    "BUILTIN",
    "INSTANT",
    "Failed",
    "Lookup",
    "Pending",
    "Picture",
    "PollResult",
    "Provider",
    "Recovery",
    "SubmitLost",
    "SubmitRequest",
    "SubmitUnknown",
    "Submitted",
    "Succeeded",
    "Task",
    "get_provider",
]
