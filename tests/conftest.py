"""What every test may use: FFmpeg on the PATH and the whole product in a running stack."""

import functools
import gc
import os
import ssl
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import settings

from local import clock
from local.aws.mending import replace
from local.lambdas import moved_clock
from local.lambdas.ffmpeg import ensure_ffmpeg
from local.stack import Stack
from tests.support import examples, permissions
from tests.support.reports import Report
from tests.support.scheduling import StackScheduling, is_for_others, is_whole, reads_backwards
from tests.support.stacks import (
    GROUPS,
    Stacks,
    check_place,
    group_of,
    started_again,
)

STACKS = pytest.StashKey[Stacks]()
POLITENESS = 2
EXAMPLES = int(os.environ.get("EXAMPLES", "12"))
"""Of each property, in every run of the tests; `make chaos` has many more."""
# no deadline: processes share cores, time tells nothing
settings.register_profile("suite", deadline=None, max_examples=EXAMPLES)
settings.load_profile("suite")


def pytest_configure() -> None:
    """FFmpeg is found by name, as the layer's is in Lambda. Tests have the stacks' time."""
    moved_clock.install(str(clock.PATH))
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    os.environ["PATH"] = os.pathsep.join([str(ensure_ffmpeg().parent), os.environ["PATH"]])
    # each HTTP client reads all of the world's certificates, and no test calls the world
    replace(ssl, create_default_context=functools.cache(ssl.create_default_context))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """In a run of several processes each reads the files whose tests it may be given."""
    return is_for_others(config, collection_path) or None


@pytest.hookimpl(wrapper=True)
def pytest_collect_directory(parent: pytest.Collector) -> Generator[None, Any, Any]:
    """Processes read files in two orders, so that none compiles what another one does."""
    found = yield
    if reads_backwards(parent.config):
        found.collect = functools.partial(backwards, found.collect)
    return found


def backwards(collect: Callable[[], Iterable[pytest.Item]]) -> list[pytest.Item]:
    """Returns what is in a folder, from the last to the first."""
    return list(collect())[::-1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a running stack come last, also in a run of one process; files by their names, in
    whatever order they were read.

    Tests with AWS in their own process reset it at their start, and with it the stack's data.
    """
    for item in items:
        check_place(item)
    ranks = {None: 0} | {name: rank for rank, name in enumerate(GROUPS, 1)}
    items.sort(key=lambda item: (ranks[group_of(item.nodeid)], item.path.parts))


def pytest_collection_finish() -> None:
    """Modules and tests stay: looking for garbage among them is a tenth of what tests compute."""
    gc.freeze()
    gc.set_threshold(500_000, 20, 50)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests that compute leave the cores to those of stacks, in which things run out of time."""
    if is_worker(item.config) and group_of(item.nodeid) is None:
        os.nice(max(0, POLITENESS - os.nice(0)))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Sends one report of a test that passed.

    pytest reports its beginning, set-up, tear-down and end, too: most of what processes send.
    """
    if not is_worker(item.config):
        return None
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.when == "call" or not report.passed:
            item.ihook.pytest_runtest_logreport(report=report)
    return True


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: Any) -> None:
    """In the main process: a worker's report of a test says that it has ended, too."""
    if node := getattr(report, "node", None):
        node.config.hook.pytest_runtest_logfinish(nodeid=report.nodeid, location=report.location)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, Any]:
    """Leaves keywords out of reports, those of subtests too: nothing reads them, and they are most
    of a report.
    """
    report = yield
    if is_worker(item.config):
        report.keywords = {}
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """Ends the stacks of a group after its last test."""
    yield
    stacks = item.config.stash.get(STACKS, None)
    if stacks and nextitem and group_of(nextitem.nodeid) != group_of(item.nodeid):
        stacks.end()


def is_worker(config: pytest.Config) -> bool:
    """Whether this process runs tests for another one (pytest-xdist)."""
    return hasattr(config, "workeroutput")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests of one stack run in one process."""
    return StackScheduling(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A worker process ended: what it reports counts for the whole run."""
    Report.receive(node.config, getattr(node, "workeroutput", None) or {})


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fails a run that started a stack twice; a whole one also for a permission that nobody needed
    and for an example event that no function got.
    """
    config = session.config
    if is_worker(config):
        Report.send(config)
        gc.freeze()  # pytest looks for garbage five times, and nobody hears of what it finds here
    elif exitstatus == pytest.ExitCode.OK and (
        started_again(config) or needless(config) or unseen(config)
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def needless(config: pytest.Config) -> list[Any]:
    """Permissions that a run of everything didn't use."""
    return permissions.unused(config) if is_whole(config) else []


def unseen(config: pytest.Config) -> dict[str, str]:
    """Example events that a run of everything didn't see, with how real ones differed."""
    return examples.unlike(config) if is_whole(config) else {}


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """Names what fails a run in which every test passed."""
    if again := started_again(config):
        terminalreporter.section("started more than once")
        terminalreporter.line(", ".join(again))
    if found := needless(config):
        terminalreporter.section("granted and never used")
        for grant in found:
            terminalreporter.line(f"{grant.function}: {grant.action} on {grant.resource}")
    if differences := unseen(config):
        terminalreporter.section("no real event was like the example in events/")
        for name, difference in differences.items():
            terminalreporter.line(f"{name}: {difference}")


@pytest.fixture(scope="session")
def clips_dir(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the whole run, so that simulated vendors render each clip once."""
    own = tmp_path_factory.getbasetemp()
    return (own.parent if is_worker(request.config) else own) / "clips"


@pytest.fixture(scope="session")
def stacks(request: pytest.FixtureRequest, clips_dir: Path) -> Iterator[Stacks]:
    """The stacks of this process by name."""
    all_of_them = request.config.stash[STACKS] = Stacks(request.config, clips_dir)
    yield all_of_them
    all_of_them.stop()


@pytest.fixture(scope="module")
def stack(stacks: Stacks, request: pytest.FixtureRequest) -> Stack:
    """The product's own template, running for the tests of this file's group."""
    group = group_of(request.node.nodeid)
    assert group is not None
    return stacks.get(group)
