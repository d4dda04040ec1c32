"""What is looked at before a vendor is called that answers a create with the finished result."""

from collections.abc import Callable

from showreel.catalog import bind, get_model
from showreel.core.clock import now_seconds
from showreel.core.errors import ProviderError, ProviderTimeout
from showreel.generation.engine import Engine
from showreel.generation.models import Job, Step
from showreel.generation.outcome import on_error, wait_for_recovery

Send = Callable[[Engine, Job, str, int], Step]
"""Makes the call to the named vendor."""


def call(engine: Engine, job: Job, lost_seconds: int, send: Send) -> Step:
    """Calls the job's vendor, unless its time is over, no vendor makes its model, or the vendor is
    out.
    """
    if job.is_overdue(now_seconds() - lost_seconds):
        return on_error(engine, job, ProviderTimeout("the deadline passed before the call"))
    try:
        provider = bind(get_model(job.catalogue_id)).provider
    except ProviderError as error:
        return on_error(engine, job, error)
    if pause := engine.circuits.pause(provider, "submit"):
        return wait_for_recovery(engine, job, pause)
    return send(engine, job, provider, lost_seconds)
