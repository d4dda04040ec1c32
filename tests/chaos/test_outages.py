"""Ten minutes without a service of ours or a vendor: what was accepted, before or meanwhile, is
delivered after, once.
"""

import threading
import time

import pytest
from pytest_socket import enable_socket

from local import clock
from local.control.faults import Fault
from local.stack import Stack
from tests.chaos.histories.ground import Ground
from tests.chaos.histories.history import History, Outcome, lived
from tests.chaos.histories.users import (
    Act,
    User,
    fal,
    gmi_video,
    google_video,
    new_project,
    replicate_video,
    sound,
    video,
    whole_film,
)
from tests.support.http import call, eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]
OUTAGE_SECONDS = 600.0
SLOW_SECONDS = 200
OURS = ("dynamodb", "s3", "states", "secretsmanager")
VENDORS: dict[str, Act] = {"kling": video, "fal": fal, "gmi": gmi_video}
VENDORS |= {"replicate": replicate_video, "google": google_video}
MEANWHILE = VENDORS | {"elevenlabs": sound}
ACCEPTED = {
    "dynamodb": set[str](),
    "s3": {"sound", "fal", "gmi"},
    "states": {"sound", "fal", "gmi", "video", "film"},
    "secretsmanager": set[str](),
}
ORDERED: tuple[Act, ...] = (sound, fal, gmi_video, video, whole_film)


def undelivered(outcomes: list[Outcome]) -> list[str]:
    """What is wrong with them, or failed."""
    told = [str(outcome) for outcome in outcomes if outcome.violations]
    return told + [str(o) for o in outcomes if any("failed" in what for what in o.made)]


def lasting(stack: Stack, outage: Fault, acts: list[Act], slow: tuple[str, ...]) -> list[str]:
    """Lives the acts, with an outage as soon as vendors have accepted them; tells violations and
    what was not delivered.
    """
    begun = threading.Event()

    def until_it_is_over(_: User) -> None:
        begun.wait()
        wait_out(outage)

    histories = [History(1, stack, [act, until_it_is_over], unbroken=True) for act in acts]
    for vendor in slow:
        body = {"provider": vendor, "operation": "submit", "fault": "slow", "count": 9}
        call("POST", f"{stack.providers_url}/_sim/faults", body | {"delay_seconds": SLOW_SECONDS})

    def break_it() -> None:
        marks = [history.user.mark for history in histories]

        def accepted() -> bool:
            prompts = " ".join(task["prompt"] for task in Ground(stack).tasks())
            return all(mark in prompts for mark in marks)

        eventually(accepted, 60)
        begin(stack, outage)
        begun.set()

    threading.Thread(target=break_it, daemon=True).start()
    outcomes = lived(histories, stack)
    assert outage.fired > 0, "nothing was asked for meanwhile"
    return undelivered(outcomes)


def begin(stack: Stack, outage: Fault) -> None:
    outage.ends_at = clock.monotonic() + OUTAGE_SECONDS
    stack.faults.add(outage)


def wait_out(outage: Fault) -> None:
    while clock.monotonic() < outage.ends_at:
        time.sleep(0.2)


def meanwhile(
    stack: Stack, outage: Fault, acts: list[Act]
) -> tuple[list[History], list[Outcome], set[str]]:
    """Lives the acts during an outage, to whose end their users wait: what was refused meanwhile is
    then sent again, with its key. Tells also which kinds of orders were accepted meanwhile.
    """
    ready, accepted = threading.Barrier(len(acts) + 1), set[str]()

    def prepared(user: User) -> None:
        user.image()
        new_project(user)
        ready.wait(60)
        ready.wait(60)

    def rest(user: User) -> None:
        for order in user.orders:
            if any(200 <= status < 300 for status, _ in order.answers):
                accepted.add(order.kind)
        wait_out(outage)

    def break_it() -> None:
        ready.wait(60)
        begin(stack, outage)
        ready.wait(60)

    histories = [History(1, stack, [prepared, act, rest], unbroken=True) for act in acts]
    threading.Thread(target=break_it, daemon=True).start()
    outcomes = lived(histories, stack)
    assert outage.fired > 0, "nothing was asked for meanwhile"
    return histories, outcomes, accepted


@pytest.mark.parametrize("service", OURS[:3])
def test_a_service_of_ours_is_out(stack: Stack, service: str) -> None:
    enable_socket()
    outage = Fault(service, "*", "outage", seconds=OUTAGE_SECONDS)
    acts: list[Act] = [fal, video, whole_film]
    assert lasting(stack, outage, acts, ("fal", "kling")) == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_is_out(stack: Stack, vendor: str) -> None:
    enable_socket()
    outage = Fault("provider", "*", "outage", seconds=OUTAGE_SECONDS, vendor=vendor)
    assert lasting(stack, outage, [VENDORS[vendor]], (vendor,)) == []


@pytest.mark.parametrize("service", OURS)
def test_ordered_while_a_service_of_ours_is_out(stack: Stack, service: str) -> None:
    """What was accepted is delivered; what was refused is accepted after, by the same key."""
    enable_socket()
    outage = Fault(service, "*", "outage", seconds=OUTAGE_SECONDS)
    _, outcomes, accepted = meanwhile(stack, outage, list(ORDERED))
    assert undelivered(outcomes) == []
    assert accepted >= ACCEPTED[service], "these could have been accepted meanwhile"


@pytest.mark.parametrize("vendor", MEANWHILE)
def test_ordered_while_a_vendor_is_out(stack: Stack, vendor: str) -> None:
    """Every order is accepted, and delivered after: none was sent while nobody answered."""
    enable_socket()
    outage = Fault("provider", "*", "outage", seconds=OUTAGE_SECONDS, vendor=vendor)
    histories, outcomes, accepted = meanwhile(stack, outage, [MEANWHILE[vendor]] * 3)
    assert [str(outcome) for outcome in outcomes if outcome.violations] == []
    assert accepted
    for history in histories:
        ends = [(job.status, job.error_code) for job in history.record.jobs]
        assert ends == [("completed", None)]
        assert [job for job in history.record.jobs if job.credits_debited] == history.record.jobs
