"""GET /api/health."""

from collections.abc import Iterator

import pytest

from showreel.core.dynamo import Table
from showreel.core.errors import Transient
from showreel.providers import circuits

from .conftest import Invoke, header

OK = {"success": True, "status": "ok", "circuits": []}


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    circuits.circuits.cache_clear()
    yield
    circuits.circuits.cache_clear()


def test_health_needs_no_token(invoke: Invoke) -> None:
    answer = invoke("health", user=None)
    assert (answer["statusCode"], answer["json"]) == (200, OK)
    assert header(answer, "content-type") == "application/json"
    assert header(answer, "cache-control") == "no-store"


def test_a_vendor_that_is_out_is_reported(invoke: Invoke) -> None:
    for _ in range(5):
        with pytest.raises(circuits.ProviderUpstream), circuits.circuits().watched("fal", "poll"):
            raise circuits.ProviderUpstream("out")
    answer = invoke("health", user=None)["json"]
    [circuit] = answer.pop("circuits")
    assert answer == {"success": True, "status": "degraded"}
    assert circuit.pop("since").endswith("Z")
    assert circuit == {"provider": "fal", "operation": "poll", "state": "open"}


def test_health_answers_while_the_table_is_down(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []

    def down(_: Table, key: str, **__: object) -> None:
        reads.append(key)
        raise Transient("DynamoDB: ThrottlingException")

    monkeypatch.setattr(Table, "query", down)
    expected = {"success": True, "status": "degraded", "circuits": []}
    assert [invoke("health", user=None)["json"] for _ in range(3)] == [expected] * 3
    assert len(reads) == 1, "an unknown caller costs no read each time"
