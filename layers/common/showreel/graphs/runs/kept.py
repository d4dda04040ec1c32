"""Use cases of a project's cache: look and clear."""

from showreel.core.clock import iso_at
from showreel.core.settings import GraphLimits, settings
from showreel.graphs.runs.cache import CacheEntry, project_cache
from showreel.graphs.runs.schemas import CacheCleared, CacheView, KeptOutput
from showreel.graphs.runs.shown import shown_output
from showreel.identity import Caller
from showreel.projects import require_project


def look_at(caller: Caller, project_id: str, limit: int, cursor: str | None) -> CacheView:
    """Returns the cached outputs that the project has made. Raises NotFound, InvalidInput."""
    require_project(caller, project_id)
    cache = project_cache(project_id)
    usage, (entries, following) = cache.usage(), cache.page(limit, cursor)
    return CacheView(
        project_id=project_id,
        entries=usage.entries,
        bytes=usage.bytes,
        days=settings(GraphLimits).graph_cache_days,
        items=tuple(map(_kept, entries)),
        next_cursor=following,
    )


def clear(caller: Caller, project_id: str) -> CacheCleared:
    """Clears the project's entries; files stay. Raises NotFound."""
    require_project(caller, project_id)
    taken = project_cache(project_id).clear()
    return CacheCleared(
        project_id=project_id, cleared_entries=taken.entries, cleared_bytes=taken.bytes
    )


def _kept(entry: CacheEntry) -> KeptOutput:
    return KeptOutput(
        key=entry.key,
        kind=entry.kind,
        output=shown_output(entry.output, entry.public_base_url),
        credits=entry.credits,
        bytes=entry.bytes,
        created_at=entry.created_at,
        expires_at=iso_at(entry.expires_at),
    )
