import base64
import hashlib
import json
from unittest.mock import Mock

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from showreel.core import jwks
from showreel.core.errors import Transient, Unauthenticated
from showreel.providers.fal import webhooks as fal_webhooks
from showreel.providers.fal.webhooks import published_keys, read_notice, verify
from showreel.providers.webhooks import Notice, body_object

X = "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"
KEY = {"kty": "OKP", "crv": "Ed25519", "x": X}
TIME = 1_800_000_000
BODY = b'{"request_id":"req-1","gateway_request_id":"req-1","status":"OK","payload":{}}'
SIGNATURE = (
    "4ff02ffa19423a111e0a5cfc89b38dfb71b571b348fd009cd01eaf2b1d4bba01"
    "f7df3ebb7d42fa0bcb4100d2c8eb66f5df527ac4ff46f44a58ac6d4355161e08"
)


def headers(**changes):
    usual = {
        "request-id": "req-1",
        "user-id": "user-1",
        "timestamp": str(TIME),
        "signature": SIGNATURE,
    }
    return {f"x-fal-webhook-{name}": text for name, text in {**usual, **changes}.items()}


def serves(*keys, status=200):
    data = json.dumps({"keys": list(keys)}).encode()

    def answer(handler):
        handler.send_response(status)
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        seconds = 1000.0

        def monotonic(self):
            return self.seconds

    made = Clock()
    monkeypatch.setattr(jwks, "time", made)
    return made


@pytest.fixture
def jwks_url(vendor, clock):
    vendor.answer = serves(KEY)
    url = f"{vendor.base_url}/jwks.json"
    yield url
    published_keys.cache_clear()


def check(url, body=BODY, now_seconds=TIME, **changes):
    return verify(headers(**changes), body, now_seconds=now_seconds, jwks_url=url)


def signed_by(seed):
    key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    x = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    message = f"req-1\nuser-1\n{TIME}\n{hashlib.sha256(BODY).hexdigest()}".encode()
    return {"kty": "OKP", "crv": "Ed25519", "x": x}, key.sign(message).hex()


def test_the_vector_in_the_published_form_verifies(jwks_url, vendor):
    assert check(jwks_url) == "req-1"
    assert vendor.requests[0][:2] == ("GET", "/_p/key/jwks.json")


@pytest.mark.parametrize("skew", [-300, 300])
def test_the_clock_may_be_five_minutes_off(jwks_url, skew):
    assert check(jwks_url, now_seconds=TIME + skew)


@pytest.mark.parametrize(
    "changes",
    [
        {"now_seconds": TIME + 301},
        {"now_seconds": TIME - 301},
        {"body": BODY + b" "},
        {"body": json.dumps(json.loads(BODY)).encode()},
        {"request-id": "req-2"},
        {"request-id": ""},
        {"request-id": "r" * 201},
        {"request-id": "req-1\nuser-1"},
        {"user-id": "user-2"},
        {"user-id": "\ud800"},
        {"timestamp": str(TIME + 1)},
        {"timestamp": f"{TIME}.0"},
        {"timestamp": "9" * 5000},
        {"timestamp": "١٨٠٠٠٠٠٠٠٠"},
        {"signature": ""},
        {"signature": SIGNATURE[:-2]},
        {"signature": SIGNATURE + "00"},
        {"signature": "zz" * 64},
        {"signature": "é" * 128},
        {"signature": "00" * 64},
    ],
)
def test_anything_else_is_refused(jwks_url, changes):
    with pytest.raises(Unauthenticated):
        check(jwks_url, **changes)


def test_missing_headers_are_refused_without_a_look_at_the_keys(jwks_url, vendor):
    with pytest.raises(Unauthenticated):
        verify({}, BODY, now_seconds=TIME, jwks_url=jwks_url)
    assert vendor.requests == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300), name=st.text(max_size=20), signature=st.text(max_size=130))
def test_nothing_breaks_the_verifier(jwks_url, body, name, signature):
    with pytest.raises(Unauthenticated):
        check(jwks_url, body=body, signature=signature, **{"user-id": name})


def test_keys_are_fetched_once_for_many_webhooks(jwks_url, vendor, clock):
    for _ in range(3):
        check(jwks_url)
        clock.seconds += 40_000
    assert len(vendor.requests) == 1


def test_keys_older_than_a_day_are_not_used(jwks_url, vendor, clock):
    check(jwks_url)
    clock.seconds += 86_401
    vendor.answer = serves(signed_by(2)[0])
    with pytest.raises(Unauthenticated):
        check(jwks_url)
    clock.seconds += 86_401
    vendor.answer = serves(status=503)
    with pytest.raises(Transient):
        check(jwks_url)


def test_a_new_key_is_looked_for_and_the_old_one_stays(jwks_url, vendor, clock):
    check(jwks_url)
    clock.seconds += 60
    key, signature = signed_by(2)
    vendor.answer = serves(KEY, key)
    assert check(jwks_url, signature=signature) == "req-1"
    assert check(jwks_url) == "req-1"
    assert len(vendor.requests) == 2


def test_forgeries_can_t_make_us_fetch_often(jwks_url, vendor, clock):
    for _ in range(20):
        with pytest.raises(Unauthenticated):
            check(jwks_url, signature="00" * 64)
        clock.seconds += 1
    assert len(vendor.requests) == 1


def test_keys_that_can_t_be_read_are_not_asked_for_at_every_webhook(jwks_url, vendor, clock):
    vendor.answer = serves(status=500)
    for _ in range(5):
        with pytest.raises(Transient):
            check(jwks_url)
    assert len(vendor.requests) == 1
    clock.seconds += 31
    vendor.answer = serves(KEY)
    assert check(jwks_url) == "req-1"


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [7, None, "x", []],
        [{"kty": "RSA", "n": "AQAB"}],
        [{**KEY, "crv": "X25519"}],
        [{**KEY, "x": "AAAA"}],
        [{**KEY, "x": "é" * 43}],
        [{**KEY, "x": "A" * 100_000}],
        [{**KEY, "x": 7}],
    ],
)
def test_documents_without_a_usable_key_give_none(jwks_url, vendor, keys):
    vendor.answer = serves(*keys)
    with pytest.raises(Transient):
        check(jwks_url)


def test_a_usable_key_among_odd_ones_is_found(jwks_url, vendor):
    vendor.answer = serves({"x": 7}, signed_by(2)[0], KEY)
    assert check(jwks_url) == "req-1"


@pytest.mark.parametrize(
    ("body", "notice"),
    [
        (BODY, Notice(None, is_final=True, task_id="req-1")),
        (b'{"request_id":"r","status":"ERROR"}', Notice(None, is_final=True, task_id="r")),
        (b'{"request_id":7,"status":["OK"]}', Notice(None, is_final=False)),
    ],
)
def test_the_body_names_the_request(body, notice):
    assert read_notice(body_object(body)) == notice


def test_another_customers_webhook_is_refused_where_our_user_is_known(monkeypatch):
    monkeypatch.setattr(fal_webhooks, "verify", lambda *_, **__: "req-1")
    monkeypatch.setattr(fal_webhooks, "settings", lambda _: Mock(fal_keys_url="https://keys"))
    for ours in ("", "user-1"):
        assert fal_webhooks.read_webhook(headers(), BODY, ours).notice.task_id == "req-1"
    with pytest.raises(Unauthenticated):
        fal_webhooks.read_webhook(headers(), BODY, "user-2")
