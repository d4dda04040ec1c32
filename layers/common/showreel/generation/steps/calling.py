"""The checks before a create is sent to a vendor."""

from collections.abc import Callable
from typing import Protocol

from showreel.catalog import bind, get_model
from showreel.core.clock import now_seconds
from showreel.core.errors import ProviderError, ProviderTimeout
from showreel.generation.engine import Engine
from showreel.generation.models import Job, NextStep
from showreel.generation.outcome import on_error, wait_for_recovery


class SupportsHealthCheck(Protocol):
    """An adapter, of whichever port, that can ask its vendor whether it answers."""

    def check_health(self, upstream: str) -> None:
        """Raises ProviderUpstream unless the vendor answers."""
        ...


Send = Callable[[Engine, Job, str, int], NextStep]
"""Sends the create to the named vendor and returns the next step."""


def call(engine: Engine, job: Job, lost_seconds: int, send: Send) -> NextStep:
    """Calls `send`, unless the job is overdue, its binding is invalid, or its vendor is out."""
    if job.is_overdue(now_seconds() - lost_seconds):
        return on_error(engine, job, ProviderTimeout("the deadline passed before the call"))
    try:
        provider = bind(get_model(job.catalogue_id)).provider
    except ProviderError as error:
        return on_error(engine, job, error)
    if pause := engine.circuits.pause(provider, "submit"):
        return wait_for_recovery(engine, job, pause)
    return send(engine, job, provider, lost_seconds)


def check_health(
    engine: Engine, provider: str, adapter: SupportsHealthCheck, upstream: str
) -> None:
    """Sends a health check to a vendor that may be out, so that no create, which couldn't be looked
    up, is lost there. Raises ProviderUpstream; nothing was ordered then.
    """
    circuits = engine.circuits
    if circuits.needs_check(provider):
        with circuits.checked(provider):
            adapter.check_health(upstream)
