"""Who may call Kling, and which errors the others get."""

import time

import httpx
import jwt
import pytest

from tests.simulators.conftest import API_KEY, SECRET_KEY, Customer, signed_token


def test_the_api_key_and_a_signed_token_are_let_in(customer: Customer) -> None:
    for token in (API_KEY, signed_token()):
        assert customer.call("GET", "image2video", token).json()["code"] == 0


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (signed_token(exp=int(time.time()) - 10), 1004),
        (signed_token(nbf=int(time.time()) + 86_400), 1003),
        (signed_token(secret_key="another-secret-key-of-32-bytes-and-more"), 1002),
        (signed_token(access_key="somebody-else"), 1002),
        (jwt.encode({"iss": "access-key-of-tests"}, SECRET_KEY), 1002),
        ("not-a-token", 1002),
    ],
)
def test_a_bad_token_is_refused_by_its_code(customer: Customer, token: str, code: int) -> None:
    answer = customer.call("GET", "image2video", token)
    assert answer.status_code == 401
    assert answer.json()["code"] == code
    assert "data" not in answer.json()


def test_no_token_at_all(customer: Customer) -> None:
    answer = httpx.post(f"{customer.config.base_url}/kling/v1/videos/image2video", json={})
    assert (answer.status_code, answer.json()["code"]) == (401, 1001)


def test_an_unknown_path_is_an_unknown_method(customer: Customer) -> None:
    answer = customer.call("POST", "video2image", json={})
    assert (answer.status_code, answer.json()["code"]) == (404, 1202)
