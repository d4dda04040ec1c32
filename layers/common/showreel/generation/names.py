"""The objects of the bucket that jobs name: their inputs, as long as a row exists, and results."""

from collections.abc import Collection, Container, Mapping

from pydantic import ValidationError

from showreel.assets.cleanup import Everything
from showreel.core.dynamo import Item, Table
from showreel.generation.models import Job
from showreel.generation.store import SORT_KEY


def named_by_jobs(table: Table, owners: Collection[str]) -> Mapping[str, Container[str]]:
    """Returns the keys that each job names, by its partition; jobs without a row are left out."""
    rows = table.get_many((owner, SORT_KEY) for owner in owners)
    return {row["pk"]: _named(row) for row in rows}


def _named(row: Item) -> Container[str]:
    """Returns a job's keys: all keys while it is open or unreadable, no results if it failed."""
    try:
        job = Job.model_validate(row)
    except ValidationError:
        return Everything()
    if not job.is_finished:
        return Everything()
    made = {job.output_key, *(file.key for file in job.delivery.files)}
    return job.wanted.keys | (made if job.status == "completed" else set())
