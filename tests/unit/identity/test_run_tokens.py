"""A run's token reads that run, for a day, and nothing else."""

import base64
import json

import pytest

from showreel.core.clock import now_seconds
from showreel.core.errors import Forbidden, Unauthenticated
from showreel.identity import Caller, issue_run_token, run_reader, run_tokens, verify_run_token

from .conftest import request, token

RUN = "run_abc"


def test_a_token_reads_its_own_run() -> None:
    made = issue_run_token(RUN)
    assert made.startswith("tr_pat_")
    verify_run_token(made, RUN)


@pytest.mark.parametrize("run_id", ["run_abd", "", "run_abc ", "run_ab", "RUN_ABC"])
def test_on_another_run_it_is_forbidden(run_id: str) -> None:
    with pytest.raises(Forbidden):
        verify_run_token(issue_run_token(RUN), run_id)


def test_it_ends_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    made = issue_run_token(RUN)
    later = now_seconds() + 24 * 3600 - 5
    monkeypatch.setattr(run_tokens, "now_seconds", lambda: later)
    verify_run_token(made, RUN)
    monkeypatch.setattr(run_tokens, "now_seconds", lambda: later + 10)
    with pytest.raises(Unauthenticated):
        verify_run_token(made, RUN)


def forged() -> list[str]:
    made = issue_run_token(RUN)
    text, _, signature = made.removeprefix("tr_pat_").partition(".")
    payload = base64.urlsafe_b64encode(
        json.dumps({"run": "run_other", "exp": now_seconds() + 999}).encode()
    ).decode()
    return [
        "",
        "tr_pat_",
        "tr_pat_.",
        f"tr_pat_{text}",
        f"tr_pat_{text}.",
        f"tr_pat_{text}.{signature[:-1]}",
        f"tr_pat_{text}.{signature}x",
        f"tr_pat_{text}.{signature}é",
        f"tr_pat_{payload}.{signature}",
        f"tr_pat_x{text}.{signature}",
        made.removeprefix("tr_pat_"),
        f"tr_pat_{made}",
        made + "a" * 2000,
        "tr_pat_é.é",
    ]


@pytest.mark.parametrize("number", range(14))
def test_a_forged_or_damaged_token_is_refused(number: int) -> None:
    with pytest.raises(Unauthenticated):
        verify_run_token(forged()[number], "run_other")


def test_a_reader_is_the_run_or_a_user() -> None:
    made = issue_run_token(RUN)
    path = f"/api/runs/{RUN}/events"
    assert run_reader(request("GET", path, authorization=f"Bearer {made}"), RUN) is None
    assert run_reader(request("GET", path, query={"token": made}), RUN) is None
    user = request("GET", path, authorization=f"Bearer {token()}")
    assert run_reader(user, RUN) == Caller("user-1")
    with pytest.raises(Forbidden):
        run_reader(request("GET", path, query={"token": made}), "run_other")
    with pytest.raises(Unauthenticated):
        run_reader(request("GET", path), RUN)


def test_a_users_token_in_the_query_counts_for_nothing() -> None:
    with pytest.raises(Unauthenticated):
        run_reader(request("GET", "/api/runs/x", query={"token": token()}), RUN)


def test_a_run_token_is_no_users_token() -> None:
    from showreel.identity import current_caller

    with pytest.raises(Unauthenticated):
        current_caller(request(authorization=f"Bearer {issue_run_token(RUN)}"))
