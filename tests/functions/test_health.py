"""GET /api/health."""

from .conftest import Invoke, header


def test_health_needs_no_token(invoke: Invoke) -> None:
    answer = invoke("health", user=None)
    assert (answer["statusCode"], answer["json"]) == (200, {"success": True, "status": "ok"})
    assert header(answer, "content-type") == "application/json"
    assert header(answer, "cache-control") == "no-store"
