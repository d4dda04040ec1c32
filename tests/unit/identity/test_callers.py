"""From requests to callers: headers, cookies, the service, and acting for others."""

from typing import Any

import pytest

from showreel.core import settings as core_settings
from showreel.core.errors import AppError, Forbidden, Unauthenticated
from showreel.identity import Caller, current_caller

from .conftest import DOMAIN, ORIGIN, SERVICE_TOKEN, request, token


def bearer(text: str) -> str:
    return f"Bearer {text}"


def status_of(app: Any) -> int:
    with pytest.raises(AppError) as caught:
        current_caller(app)
    return caught.value.status


def test_a_bearer_token_is_the_user() -> None:
    assert current_caller(request(Authorization=bearer(token()))) == Caller("user-1")
    assert current_caller(request(authorization=f"bearer   {token()} ")) == Caller("user-1")


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", token(), f"Token {token()}"]
)
def test_anything_else_is_nobody(authorization: str) -> None:
    assert status_of(request(authorization=authorization)) == 401


def test_no_header_is_nobody_and_an_apikey_counts_for_nothing() -> None:
    assert status_of(request()) == 401
    assert status_of(request(apikey=token())) == 401
    assert status_of(request(apikey=token(), authorization=bearer("anon-key"))) == 401
    assert current_caller(request(apikey="x", authorization=bearer(token()))).user_id == "user-1"


def test_the_service_acts_for_the_user_it_names() -> None:
    header = bearer(SERVICE_TOKEN)
    expected = Caller("user-9", is_service=True)
    assert current_caller(request(authorization=header, body={"user_id": "user-9"})) == expected
    get = request("GET", authorization=header, query={"user_id": "user-9"})
    assert current_caller(get) == expected
    assert current_caller(request(authorization=header, body={})) == Caller("", is_service=True)


@pytest.mark.parametrize("user_id", ["", 7, ["user-9"], "a" * 256, "user\n9", {"a": 1}])
def test_the_service_names_real_users_only(user_id: Any) -> None:
    header = bearer(SERVICE_TOKEN)
    assert status_of(request(authorization=header, body={"user_id": user_id})) == 403


@pytest.mark.parametrize(
    "text", [SERVICE_TOKEN[:-1], SERVICE_TOKEN + "x", SERVICE_TOKEN.upper(), "é" * 20, "\ud800"]
)
def test_a_wrong_service_token_is_nobody(text: str) -> None:
    assert status_of(request(authorization=bearer(text))) == 401


@pytest.mark.parametrize("body", ["", "null", "[]", '{"user_id"', "[" * 100_000, '"user_id"'])
def test_an_odd_body_names_nobody(body: str) -> None:
    assert current_caller(request(authorization=bearer(token()), body=body)).user_id == "user-1"


@pytest.mark.parametrize("user_id", ["user-2", "", 1, ["user-1"], "USER-1", " user-1"])
def test_a_user_may_not_act_for_another(user_id: Any) -> None:
    header = bearer(token())
    assert status_of(request(authorization=header, body={"user_id": user_id})) == 403
    if isinstance(user_id, str):
        get = request("GET", authorization=header, query={"user_id": user_id})
        assert status_of(get) == 403


def test_a_user_may_name_themselves() -> None:
    app = request(authorization=bearer(token()), body={"user_id": "user-1"})
    assert current_caller(app) == Caller("user-1")


def test_a_session_cookie_is_the_user_on_api_routes() -> None:
    cookie = f"theme=dark; session={token()}; other=1"
    assert current_caller(request(cookie=cookie)) == Caller("user-1")
    for headers in (
        {"origin": ORIGIN},
        {"origin": f"https://{DOMAIN}"},
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "same-site", "origin": ORIGIN},
        {"sec_fetch_site": "none"},
    ):
        assert current_caller(request(cookie=cookie, **headers)) == Caller("user-1")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example.com"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": ORIGIN.replace("https", "http")},
        {"origin": ORIGIN + ".evil.example.com"},
        {"origin": ORIGIN + ":444"},
        {"origin": "https://evil.com/?" + ORIGIN},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "anything"},
        {"sec_fetch_site": "cross-site", "origin": ORIGIN},
        {"sec_fetch_site": "same-origin", "origin": "https://evil.example.com"},
    ],
)
def test_a_cookie_from_another_site_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Forbidden) as caught:
        current_caller(request(cookie=f"session={token()}", **headers))
    assert caught.value.code == "cross_site"


@pytest.mark.parametrize("path", ["/functions/v1/gen-shots", "/storage/v1/x", "/apix", "/"])
def test_a_cookie_counts_on_api_routes_only(path: str) -> None:
    assert status_of(request(path=path, cookie=f"session={token()}")) == 401


@pytest.mark.parametrize("origin", ["*", ""])
def test_a_cookie_counts_only_for_one_concrete_origin(
    origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOWED_ORIGIN", origin)
    core_settings.settings.cache_clear()
    assert status_of(request(cookie=f"session={token()}")) == 401


@pytest.mark.parametrize(
    "cookie", ["", "session=", "session", "xsession=a", "session=\x00", ";;=;"]
)
def test_odd_cookies_are_nobody(cookie: str) -> None:
    assert status_of(request(cookie=cookie)) == 401


def test_a_bad_header_is_not_rescued_by_a_good_cookie() -> None:
    app = request(authorization=bearer("bad"), cookie=f"session={token()}")
    with pytest.raises(Unauthenticated):
        current_caller(app)


def test_the_service_token_is_not_a_cookie() -> None:
    assert status_of(request(cookie=f"session={SERVICE_TOKEN}")) == 401


def test_an_empty_service_token_matches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from showreel.identity import callers

    monkeypatch.setattr(callers, "secret", lambda _: {})
    assert not callers.is_service_token("")
