"""The contract that every adapter keeps with its vendor, checked with the vendors' simulators.

What is particular to one vendor is in its own folder.
"""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from local.simulators.app import SimulatorApp
from local.simulators.config import SimulatorConfig
from showreel.assets.service import copy_result
from showreel.core.errors import (
    ProviderAuth,
    ProviderContentPolicy,
    ProviderError,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUpstream,
    Unauthenticated,
)
from showreel.providers import event_streams, http, registry
from showreel.providers.base import Failed, Pending, SubmitUnknown, Succeeded
from showreel.providers.text import TextEnd
from showreel.providers.webhooks import Webhook
from tests.simulators import films, sounds
from tests.simulators.conftest import Customer, served
from tests.simulators.contract import (
    CASES,
    JOBS,
    REFUSALS,
    SPOILED,
    SYNCHRONOUS,
    TEXT,
    Case,
    Contract,
    Spoiler,
    addressed,
    verdict,
)
from tests.support.http import eventually

REFUSED = [
    pytest.param(case, fault, id=f"{case}-{fault}")
    for case in CASES
    for fault in REFUSALS
    if fault not in case.told_later or case.port == "text"
]
SPOILABLE = [
    pytest.param(case, how, id=f"{case}-{how}")
    for case in CASES
    for how in SPOILED
    if case.port != "synchronous" or how in ("html", "empty")
]
"""A spoiled sound is found by its file's gate, one that is too large by a limit of its own."""
EVERY = pytest.mark.parametrize("case", CASES, ids=str)
OF_JOBS = pytest.mark.parametrize("case", [case for case in CASES if case.port == "jobs"], ids=str)
WITH_WEBHOOKS = pytest.mark.parametrize(
    "case", [case for case in CASES if registry.ADAPTERS[case.name].webhooks], ids=str
)


@pytest.fixture
def contract(customer: Customer, tmp_path: Path) -> Iterator[Contract]:
    """All adapters, none of their vendors ever done by itself."""
    customer.settings(generation_seconds=60, text_delay_seconds=0, gone_models=[])
    with addressed(f"{customer.config.base_url}/_p/contract", customer.config.secrets):
        yield Contract(customer, tmp_path)


@pytest.fixture(scope="module")
def spoiler_url(simulators: tuple[SimulatorConfig, SimulatorApp]) -> Iterator[tuple[Spoiler, str]]:
    _, app = simulators
    spoiler = Spoiler(app)
    with served(spoiler) as url:
        yield spoiler, url


@pytest.fixture
def spoiler(contract: Contract, spoiler_url: tuple[Spoiler, str]) -> Iterator[Spoiler]:
    """The adapters of `contract` speak to their vendors through it."""
    made, url = spoiler_url
    with addressed(url, contract.customer.config.secrets):
        yield made
    made.how = made.status = None


def test_every_adapter_of_the_registry_is_here(contract: Contract) -> None:
    made = {type(contract.adapter(case)) for case in CASES}
    assert made == {*JOBS, *SYNCHRONOUS, *TEXT}
    assert [case.name for case in CASES] == list(registry.ADAPTERS)
    assert {contract.adapter(case).name for case in CASES} == registry.ADAPTERS.keys()


@pytest.mark.parametrize(("case", "fault"), REFUSED)
def test_a_refused_create_has_its_class_and_makes_nothing(
    contract: Contract, case: Case, fault: str
) -> None:
    contract.fault(case, "submit", fault, retry_after=7)
    with pytest.raises(ProviderError) as caught:
        contract.create(case)
    assert type(caught.value) is case.refusal(fault)
    assert contract.asked("submit") == 1
    assert len(contract.customer.tasks()) == (fault in case.told_later)
    if isinstance(caught.value, ProviderRateLimited):
        assert caught.value.retry_after_seconds == 7
    contract.create(case)


@OF_JOBS
def test_a_failed_job_has_its_class(contract: Contract, case: Case) -> None:
    contract.customer.settings(generation_seconds=0)
    provider = contract.adapter(case)
    orders = [
        ("poll", "failed", ProviderUpstream),
        ("poll", "content_policy", ProviderContentPolicy),
    ]
    orders += [("submit", fault, case.refusal(fault)) for fault in sorted(case.told_later)]
    for number, (operation, fault, error) in enumerate(orders):
        contract.fault(case, operation, fault)
        task = provider.submit(contract.job(case, external_id=f"job-{number}-attempt-1"))
        result = verdict(provider, task)
        assert isinstance(result, Failed), fault
        assert type(result.error) is error, fault


@EVERY
def test_a_wrong_key_is_refused_and_a_missing_one_is_not_sent(
    contract: Contract, case: Case
) -> None:
    base_url = f"{contract.customer.config.base_url}/_p/contract"
    for key, asked in (("", 0), ("of-somebody-else", 1)):
        keys = dict.fromkeys(contract.customer.config.secrets, key)
        with addressed(base_url, keys), pytest.raises(ProviderAuth):
            contract.create(case)
        assert contract.asked("submit") == asked
    assert contract.customer.tasks() == []


@EVERY
@pytest.mark.parametrize("fault", ["drop_reply", "hang", "gateway_timeout"])
def test_a_lost_create_is_never_sent_twice(
    contract: Contract, case: Case, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "READ_SECONDS", 0.4)
    monkeypatch.setattr(event_streams, "IDLE_SECONDS", 0.4)
    contract.fault(case, "submit", fault, delay_seconds=2.5 if fault == "hang" else 0)
    unclear = (ProviderTimeout, ProviderUpstream) if case.port == "text" else (SubmitUnknown,)
    base_url = f"{contract.customer.config.base_url}/_p/impatient"
    with addressed(base_url, contract.customer.config.secrets):
        with pytest.raises(ProviderError) as caught:
            contract.create(case)
        assert type(caught.value) in unclear
        assert (contract.asked("submit"), len(contract.customer.tasks())) == (1, 1)
    http.http_client.cache_clear()


@EVERY
def test_a_health_check_orders_nothing_and_reports_whether_the_vendor_answers(
    contract: Contract, case: Case
) -> None:
    """Where a create can be looked up for sure none is needed."""
    is_needed = getattr(contract.adapter(case), "recovery", "none") != "resend"
    contract.adapter(case).check_health(case.upstream)
    logged = contract.customer.client.get("/_sim/requests").json()["requests"]
    assert [(one["method"], one["status"] in (200, 404)) for one in logged] == (
        [("GET", True)] * is_needed
    )
    assert {one["operation"] for one in logged} <= {"account", "models", "model", "health"}
    assert contract.customer.tasks() == []
    nowhere = "http://127.0.0.1:9"
    with addressed(nowhere, contract.customer.config.secrets):
        if is_needed:
            with pytest.raises(ProviderUpstream):
                contract.adapter(case).check_health(case.upstream)


@pytest.mark.parametrize("case", [c for c in CASES if c.simulator != "kling"], ids=str)
def test_a_vendor_that_breaks_is_not_there_and_one_that_refuses_is(
    contract: Contract, spoiler: Spoiler, case: Case
) -> None:
    adapter = contract.adapter(case)
    spoiler.status = 503
    with pytest.raises(ProviderUpstream):
        adapter.check_health(case.upstream)
    for spoiler.status, spoiler.how in ((403, "html"), (429, "empty"), (200, "oversized")):
        adapter.check_health(case.upstream)


@OF_JOBS
def test_a_lost_create_is_found_as_the_adapter_says(contract: Contract, case: Case) -> None:
    provider = contract.adapter(case)
    assert provider.find(contract.lookup(case)) is None
    contract.fault(case, "submit", "drop_reply")
    with pytest.raises(SubmitUnknown):
        provider.submit(contract.job(case))
    (lost,) = contract.customer.tasks()
    told = lost["task_id"] if provider.recovery == "look_up" else None
    found = provider.find(contract.lookup(case, told))
    if provider.recovery == "none":
        assert found is None
    else:
        assert found is not None
        assert found.task_id == lost["task_id"]
        assert isinstance(provider.poll(found), Pending)


@OF_JOBS
def test_a_job_is_pending_then_made_of_files_that_decode(contract: Contract, case: Case) -> None:
    provider = contract.adapter(case)
    assert isinstance(provider.poll(provider.submit(contract.job(case))), Pending)
    contract.customer.settings(generation_seconds=0)
    task = provider.submit(contract.job(case, external_id="job-1-attempt-2"))
    result = verdict(provider, task)
    assert isinstance(result, Succeeded)
    assert result.urls
    for number, url in enumerate(result.urls):
        path = contract.folder / str(number)
        copy_result(
            url,
            path,
            headers=result.headers,
            allowed_hosts=provider.result_hosts,
            exempt_origins=[contract.customer.config.base_url],
        )
        assert_decodes(path.read_bytes())


def assert_decodes(data: bytes) -> None:
    if data[4:8] == b"ftyp":
        assert len(films.decoded(data).frames) >= 5 * 24
    else:
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()


@OF_JOBS
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("rate_limited", ProviderRateLimited),
        ("server_error", ProviderUpstream),
        ("auth", ProviderAuth),
        ("drop_reply", ProviderTimeout),
    ],
)
def test_a_poll_that_fails_is_no_verdict(
    contract: Contract, case: Case, fault: str, error: type[ProviderError]
) -> None:
    provider = contract.adapter(case)
    task = provider.submit(contract.job(case))
    contract.fault(case, "poll", fault, retry_after=7)
    with pytest.raises(error) as caught:
        provider.poll(task)
    assert getattr(caught.value, "retry_after_seconds", None) in (None, 7)
    assert isinstance(provider.poll(task), Pending)


@OF_JOBS
def test_a_job_that_the_vendor_does_not_know_is_no_verdict(contract: Contract, case: Case) -> None:
    provider = contract.adapter(case)
    task = provider.submit(contract.job(case))
    assert contract.customer.client.delete("/_sim").status_code == 200
    with pytest.raises(ProviderError):
        provider.poll(task)
    assert provider.cancel(task) is False
    assert provider.find(contract.lookup(case, task.task_id)) is None


@OF_JOBS
def test_cancelling_may_be_repeated_or_is_not_offered(contract: Contract, case: Case) -> None:
    provider = contract.adapter(case)
    task = provider.submit(contract.job(case))
    said = [provider.cancel(task), provider.cancel(task)]
    if case.cancels:
        assert said[0] is True
        assert isinstance(verdict(provider, task), Failed)
    else:
        assert (said, contract.asked("cancel")) == ([False, False], 0)
        assert isinstance(provider.poll(task), Pending)


@pytest.mark.parametrize(("case", "how"), SPOILABLE)
def test_a_spoiled_answer_to_a_create_leaves_it_unknown(
    contract: Contract, spoiler: Spoiler, case: Case, how: str
) -> None:
    spoiler.how = how
    with pytest.raises(ProviderError) as caught:
        contract.create(case)
    unclear = (ProviderTimeout, ProviderUpstream) if case.port == "text" else (SubmitUnknown,)
    assert type(caught.value) in unclear
    assert (contract.asked("submit"), len(contract.customer.tasks())) == (1, 1)


@OF_JOBS
def test_a_spoiled_answer_to_a_poll_is_no_verdict(
    contract: Contract, spoiler: Spoiler, case: Case
) -> None:
    provider = contract.adapter(case)
    task = provider.submit(contract.job(case))
    for how in SPOILED:
        spoiler.how = how
        with pytest.raises((ProviderUpstream, ProviderTimeout)):
            provider.poll(task)
    spoiler.how = None
    assert isinstance(provider.poll(task), Pending)


@WITH_WEBHOOKS
def test_a_webhook_is_a_hint_to_its_job_unless_it_is_forged(contract: Contract, case: Case) -> None:
    contract.customer.settings(generation_seconds=0)
    contract.fault(case, "webhook", "webhook_forged")
    hook = f"{contract.customer.pictures.base_url}/hook?job=1&word=a%20b"
    provider = contract.adapter(case)
    task = provider.submit(contract.job(case, callback_url=hook))
    assert provider.has_webhooks
    received = contract.customer.pictures.received

    def read() -> list[Webhook | None] | None:
        found = [_read(case, headers, body) for headers, body in list(received)]
        finals = [one for one in found if one and one.notice.is_final]
        return found if finals and None in found else None

    heard: list[Webhook | None] = eventually(read)
    (final,) = [one for one in heard if one and one.notice.is_final]
    assert final.notice.task_id == task.task_id
    assert final.notice.external_id in (None, "job-1-attempt-1")


def _read(case: Case, headers: dict[str, str], body: bytes) -> Webhook | None:
    """None if it is refused."""
    try:
        return registry.read_webhook(case.name, headers, body)
    except Unauthenticated:
        return None


@pytest.mark.parametrize("case", [case for case in CASES if case.port != "jobs"], ids=str)
def test_what_is_answered_at_once_is_whole(contract: Contract, case: Case) -> None:
    made = contract.create(case)
    if case.port == "text":
        assert isinstance(made, list)
        assert isinstance(made[-1], TextEnd)
    else:
        assert sounds.decoded(contract.folder / "sound.mp3").seconds > 0.5
