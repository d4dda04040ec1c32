"""The stacks that tests drive: which tests share one, and that each is started once in a run.

Tests order faults, kill processes and count what vendors were asked, all of them in the whole
stack. So a stack belongs to one test at a time: its tests run one after another in one process,
and several stacks next to each other in several (`tests/support/scheduling.py`).
"""

import functools
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from local.lambdas.processes import ProcessStarter
from local.settings import StackSettings, product_modules
from local.stack import Stack
from tests.support import permissions
from tests.support.examples import Examples
from tests.support.reports import Report
from tests.support.sharing import spawner_of
from tests.support.small_films import SHARE, SMALL_FILMS

GROUPS = {
    "singles": (
        "tests/client/test_with_stack.py",
        "tests/functions/test_gen_shots.py",
        "tests/functions/test_video_projects.py",
        "tests/functions/test_wallet_auth.py",
        "tests/functions/test_webhook_events.py",
        "tests/functions/videos/",
    ),
    "studio": (
        "tests/demo/test_story.py",
        "tests/functions/test_auto_generate.py",
        "tests/functions/test_director_cut.py",
        "tests/functions/test_graph_nodes.py",
        "tests/functions/test_graph_runs.py",
        "tests/functions/test_graphs.py",
        "tests/functions/test_storyboards.py",
        "tests/npm/",
    ),
    "routed": (
        "tests/functions/routed/",
        "tests/client/test_documented_examples.py",
        "tests/npm/test_supabase.py",
    ),
    "sounds": ("tests/functions/routed/test_audio.py", "tests/functions/routed/test_text"),
    "films": ("tests/films/",),
    "machines": ("tests/statemachines/",),
    "videos": ("tests/videos/",),
    "local": ("tests/local/",),
    "toy": ("tests/runs/",),
    "histories": ("tests/chaos/test_histories.py", "tests/chaos/test_planted.py"),
    "moments": ("tests/chaos/test_moments.py",),
    "outages": ("tests/chaos/test_outages.py",),
    "chaos_films": ("tests/chaos/test_films.py",),
    "chaos_machines": ("tests/chaos/test_machines.py",),
    "chaos_videos": ("tests/chaos/test_videos.py",),
}
"""Tests of one process, by the start of their path, the longest counts; those that take longest
first.
"""

USUAL: Mapping[str, str] = {
    "PollSeconds": "10",  # so that a webhook, if there is one, is what wakes a job
    "WebhookPollSeconds": "10",
    "StreamSeconds": "1",  # so that every film that is followed has streams that are cut
    "ViewerConcurrency": "30",
}
SHORT: Mapping[str, str] = {
    "SyncWindowSeconds": "60",
    "PollSeconds": "1",
    "WebhookPollSeconds": "1",
    "GenerationTimeoutSeconds": "60",
    "LateResultSeconds": "25",
}
BRISK: Mapping[str, str] = {
    "WebhookPollSeconds": "20",
    "GenerationTimeoutSeconds": "300",
    "LateResultSeconds": "120",
    "SyncWindowSeconds": "10",
    "StreamSeconds": "20",
    "RunsGlobal": "20",
}
OTHERS: Mapping[str, Mapping[str, str]] = {
    "videos": SHORT,
    "chaos_videos": SHORT,
    "histories": BRISK,
    "moments": BRISK,
    # where a vendor has longer than an outage lasts
    "outages": {**BRISK, "GenerationTimeoutSeconds": "900", "LateResultSeconds": "600"},
    # whose calls wait a second at most, and where failed videos cost nothing
    "impatient": {"SyncWindowSeconds": "1", "FailedGenerationPolicy": "void"},
}
"""Template parameters of all stacks, and of those that differ."""

STARTED = Report[str]("stacks_started")
_STARTS = [(start, name) for name, starts in GROUPS.items() for start in starts]


@functools.cache
def group_of(path: str) -> str | None:
    """The group whose process runs the tests of a file; None: any process may."""
    found = [(len(start), name) for start, name in _STARTS if path.startswith(start)]
    return max(found)[1] if found else None


class Stacks:
    """The stacks of this process, each started when its first test asks for it."""

    def __init__(self, config: pytest.Config, clips_dir: Path) -> None:
        self._config = config
        self._clips_dir = clips_dir
        self._running: dict[str, Stack] = {}
        self._ends = ExitStack()
        self._undo = ExitStack()

    def get(self, name: str) -> Stack:
        """The running stack of that name."""
        if name not in self._running:
            STARTED.add(self._config, [name])
            settings = StackSettings(
                generation_seconds=0.3,
                clips_dir=self._clips_dir,
                clip_scale=1 / SHARE,
                environment=SMALL_FILMS,
                parameters=OTHERS.get(name, USUAL),
            )
            stack = self._ends.enter_context(Stack(settings, self.starter))
            self._ends.callback(permissions.note, self._config, stack)
            self._ends.callback(Examples(stack).note, self._config)
            self._running[name] = stack
        return self._running[name]

    @functools.cached_property
    def starter(self) -> ProcessStarter:
        """Forks the functions of all of them: what it imports first takes seconds of a core."""
        shared = spawner_of(self._config)
        made = ProcessStarter(preload=True, modules=product_modules(), shared=shared)
        self._undo.callback(made.stop)
        return made

    def end(self) -> None:
        """Ends those that run, after the last test of a group: they would go on polling.

        Fails if a function was denied something; keeps what they were granted, and which example
        events they got.
        """
        self._running.clear()
        self._ends.close()

    def stop(self) -> None:
        """Ends all and what they share. Fails as `end` does."""
        with self._undo:
            self.end()


def started_again(config: pytest.Config) -> list[str]:
    """Stacks that more than one process started, or one more than once."""
    return [name for name, times in Counter(STARTED.all(config)).items() if times > 1]


def check_place(item: pytest.Item) -> None:
    """Raises UsageError for a test of a stack that no group names."""
    fixtures: Any = getattr(item, "fixturenames", ())
    if "stacks" in fixtures and group_of(item.nodeid) is None:
        raise pytest.UsageError(f"{item.nodeid} drives a stack: name its path in {__name__}.GROUPS")
