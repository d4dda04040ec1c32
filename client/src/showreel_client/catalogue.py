"""The model catalogue: read when needed, kept with its ETags, renewed after five minutes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from showreel_client import faults, values
from showreel_client.effects import Answer, Conversation, Request
from showreel_client.models import MediaType
from showreel_client.outcome import MEDIA_TYPES
from showreel_client.routes import Route
from showreel_client.run import Run, settled

ROUTE = Route("model-catalog", "model-catalog", "edge_function_error")
FRESH_SECONDS = 300.0
MAX_PAGES = 50
MAX_LINK_CHARS = 8_192
_NEXT = re.compile(r"<([^<>]*)>\s*;[^,<>]*\brel\s*=\s*\"?next\b")


@dataclass(frozen=True)
class Model:
    """One model of the catalogue. `inputs` says which media it takes: required, optional, none."""

    id: str
    provider: str = ""
    media_type: MediaType = "unknown"
    workflow_type: str = ""
    name: str = ""
    credits: int | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    aspect_ratios: tuple[str, ...] | None = None
    is_retired: bool = False
    is_default: bool = False
    """Whether it stands in for models of its workflow that can't serve a request."""


class Models(dict[str, Model]):
    """Models by id, in the catalogue's order."""

    @classmethod
    def of(cls, entries: Iterable[Any]) -> "Models":
        """Returns the models of those entries that can be read."""
        models = (_model(values.record(entry)) for entry in entries)
        return cls({model.id: model for model in models if model.id})


def _model(entry: Mapping[str, Any]) -> Model:
    lifecycle = entry.get("lifecycle")
    status = values.record(lifecycle).get("status") if isinstance(lifecycle, dict) else lifecycle
    inputs = values.record(entry.get("inputs"))
    ratios = entry.get("aspectRatios")
    return Model(
        id=values.text(entry.get("id")) or "",
        provider=values.text(entry.get("provider")) or "",
        media_type=next((one for one in MEDIA_TYPES if one == entry.get("mediaType")), "unknown"),
        workflow_type=values.text(entry.get("workflowType")) or "",
        name=values.text(entry.get("name")) or "",
        credits=values.whole(entry.get("credits")),
        inputs={name: value for name, value in inputs.items() if isinstance(value, str)},
        aspect_ratios=_texts(ratios) if isinstance(ratios, list) else None,
        is_retired=status == "retired",
        is_default=entry.get("isDefault") is True,
    )


def _texts(items: list[Any]) -> tuple[str, ...]:
    return tuple(item for item in items if isinstance(item, str))


@dataclass(frozen=True)
class _Page:
    entries: list[Any]
    etag: str
    next_url: str | None


class Catalogue:
    """The models of the server, as last read."""

    def __init__(self) -> None:
        self._pages: dict[str, _Page] = {}
        self._models: Models | None = None
        self._read_at = 0.0

    def read(self, run: Run) -> Conversation[Models]:
        """Returns all models, at most five minutes old. Raises GenerationError."""
        now = run.budget.surroundings.clock()
        if self._models is None or now - self._read_at >= FRESH_SECONDS:
            self._models = yield from self._all(run)
            self._read_at = now
        return self._models

    def _all(self, run: Run) -> Conversation[Models]:
        pages: dict[str, _Page] = {}
        url: str | None = f"{run.base_url}/functions/v1/{ROUTE.function}"
        while url is not None and url not in pages and len(pages) < MAX_PAGES:
            pages[url] = yield from self._page(run, url)
            url = pages[url].next_url
        self._pages = pages
        return Models.of(entry for page in pages.values() for entry in page.entries)

    def _page(self, run: Run, url: str) -> Conversation[_Page]:
        known = self._pages.get(url)
        headers = {"Accept": "application/json"}
        if known and known.etag:
            headers["If-None-Match"] = known.etag
        answer = yield from settled(run, Request("GET", url, headers))
        if answer.status == 304 and known:
            return known
        return _page_of(run, url, answer)


def _page_of(run: Run, url: str, answer: Answer) -> _Page:
    if not answer.is_ok:
        raise faults.error_of(answer, ROUTE.error_code)
    entries = values.parse(answer.body)
    if not isinstance(entries, list):
        raise run.error("The model catalogue is not a list")
    return _Page(entries, answer.headers.get("etag", ""), _next(url, answer))


def _next(url: str, answer: Answer) -> str | None:
    """Returns the next page's URL, if it is on the same server, as it gets our token."""
    link = _NEXT.search(answer.headers.get("link", "")[:MAX_LINK_CHARS])
    if link is None:
        return None
    try:
        following = urljoin(url, link[1])
        here, there = urlsplit(url), urlsplit(following)
    except ValueError:
        return None
    return following if (here.scheme, here.netloc) == (there.scheme, there.netloc) else None
