"""The vendors of models, each behind the same typed port. Their texts stay here."""

from showreel.providers.base import (
    Failed,
    InputPicture,
    Lookup,
    Pending,
    PollResult,
    Provider,
    Recovery,
    SubmitLost,
    SubmitRequest,
    SubmitUnknown,
    Succeeded,
    VendorTask,
)
from showreel.providers.registry import BUILTIN, SYNCHRONOUS, get_provider

__all__ = [
    "BUILTIN",
    "SYNCHRONOUS",
    "Failed",
    "InputPicture",
    "Lookup",
    "Pending",
    "PollResult",
    "Provider",
    "Recovery",
    "SubmitLost",
    "SubmitRequest",
    "SubmitUnknown",
    "Succeeded",
    "VendorTask",
    "get_provider",
]
