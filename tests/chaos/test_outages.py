"""Ten minutes without a service of ours or a vendor: what was accepted is delivered after, once."""

import threading
import time

import pytest
from pytest_socket import enable_socket

from local import clock
from local.control.faults import Fault
from local.stack import Stack
from tests.chaos.histories.ground import Ground
from tests.chaos.histories.history import History, lived
from tests.chaos.histories.users import Act, User, fal, gmi_video, video, whole_film
from tests.support.http import call, eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]
OUTAGE_SECONDS = 600.0
SLOW_SECONDS = 200
VENDORS = {"kling": video, "fal": fal, "gmi": gmi_video}


def lasting(stack: Stack, outage: Fault, acts: list[Act], slow: tuple[str, ...]) -> list[str]:
    """Lives the acts, with an outage as soon as vendors have accepted them; tells violations and
    what was not delivered.
    """
    begun = threading.Event()

    def until_it_is_over(_: User) -> None:
        begun.wait()
        while clock.monotonic() < outage.ends_at:
            time.sleep(0.2)

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
        outage.ends_at = clock.monotonic() + OUTAGE_SECONDS
        stack.faults.add(outage)
        begun.set()

    threading.Thread(target=break_it, daemon=True).start()
    outcomes = lived(histories, stack)
    assert outage.fired > 0, "nothing was asked for meanwhile"
    told = [str(outcome) for outcome in outcomes if outcome.violations]
    lost = [str(o) for o in outcomes if any("failed" in what for what in o.made)]
    return told + lost


@pytest.mark.parametrize("service", ["dynamodb", "s3", "states"])
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
