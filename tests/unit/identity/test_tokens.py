"""Which tokens are believed."""

import base64
import contextlib
import hashlib
import hmac
import json
import math
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from showreel.core import jwks, secrets
from showreel.core import settings as core_settings
from showreel.core.clock import now_seconds
from showreel.core.errors import Transient, Unauthenticated
from showreel.identity import session_tokens
from showreel.identity.jwks import MAX_AGE_SECONDS, signing_keys
from showreel.identity.session_tokens import issue_access_token
from showreel.identity.tokens import verified_user

from .conftest import AUDIENCE, ISSUER, SECRET, SECRET_ARN, claims, token

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["alg", "kid", "crit", "exp", "sub", "iss", "aud"]), inner
        )
    ),
    max_leaves=8,
)
JWKS_URL = "https://id.example.com/jwks"


def refused(text: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        verified_user(text)
    return caught.value.message


def part(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(header: Any, payload: Any, key: str = SECRET) -> str:
    """An HS256 token of any header and payload, even ones a library wouldn't make."""
    text = f"{part(header)}.{part(payload)}"
    signature = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{part(signature)}"


HEADER = {"alg": "HS256", "typ": "JWT"}


def test_a_good_token_names_its_user() -> None:
    assert verified_user(token(sub="user-7")) == "user-7"
    assert verified_user(signed(HEADER, claims())) == "user-1"


def test_the_audience_may_be_one_of_several() -> None:
    assert verified_user(token(aud=["other", AUDIENCE])) == "user-1"


@pytest.mark.parametrize("late_seconds", [-3600, 0, 20])
def test_a_clock_may_be_30_seconds_off(late_seconds: int) -> None:
    assert verified_user(token(exp=now_seconds() - late_seconds)) == "user-1"


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"exp": now_seconds() - 40},
        {"exp": "soon"},
        {"exp": str(now_seconds() + 3600)},
        {"exp": True},
        {"exp": [now_seconds() + 3600]},
        {"exp": -1},
        {"nbf": now_seconds() + 3600},
        {"iat": now_seconds() + 3600},
        {"iss": None},
        {"iss": ISSUER.rstrip("/")},
        {"iss": ISSUER + "evil"},
        {"iss": ISSUER[:-5]},
        {"iss": "https://evil.example.com/"},
        {"iss": [ISSUER]},
        {"iss": ISSUER.upper()},
        {"aud": None},
        {"aud": "other"},
        {"aud": AUDIENCE + "x"},
        {"aud": AUDIENCE[:-1]},
        {"aud": []},
        {"aud": [1]},
        {"aud": {"a": 1}},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": ["user-1"]},
        {"sub": "a" * 256},
        {"sub": "user\n1"},
        {"sub": "user\x001"},
        {"sub": "user\u202e1"},
    ],
)
def test_odd_claims_are_refused(changes: dict[str, Any]) -> None:
    payload = {**claims(), **changes}
    refused(signed(HEADER, {name: value for name, value in payload.items() if value is not None}))


@pytest.mark.parametrize(
    "payload",
    [b"not json", b"[]", b"null", b'"text"', b'{"exp": 1e309}', b'{"exp": NaN}', b"\xff", b""],
)
def test_odd_payloads_are_refused(payload: bytes) -> None:
    refused(signed(HEADER, payload))


@pytest.mark.parametrize("exp", ["1e309", "NaN", "-Infinity", "9" * 400])
def test_an_expiry_beyond_all_bounds_is_refused(exp: str) -> None:
    good = json.dumps(claims(exp=None))[:-1]
    text = f'{good}, "exp": {exp}}}'.encode()
    if exp.isdigit():
        assert verified_user(signed(HEADER, text)) == "user-1"
    else:
        refused(signed(HEADER, text))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "hs256"},
        {"alg": "HS384"},
        {"alg": "HS512"},
        {"alg": "RS256"},
        {"alg": "ES256"},
        {"alg": ""},
        {"alg": None},
        {"alg": ["HS256"]},
        {},
        {"alg": "HS256", "crit": ["exp"]},
        {"alg": "HS256", "crit": []},
        {"alg": "HS256", "crit": ["b64"], "b64": True},
        {"alg": "HS256", "b64": False},
        {"alg": "HS256", "kid": 7},
        [],
        "text",
    ],
)
def test_odd_headers_are_refused(header: Any) -> None:
    refused(signed(header, claims()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        "..",
        "ÿ.ÿ.ÿ",
        token() + "x",
        token()[:-1],
        token().rsplit(".", 1)[0] + ".",
        token().rsplit(".", 1)[0],
        token(key="another-secret-of-more-than-32-bytes"),
        token(padding="x" * 9000),
        jwt.encode(claims(), None, algorithm="none"),
        jwt.encode(claims(), SECRET * 2, algorithm="HS512"),
    ],
)
def test_damaged_and_foreign_tokens_are_refused(text: str) -> None:
    refused(text)


def test_every_refusal_reads_the_same() -> None:
    texts = ["", "a.b.c", token(exp=1), token(iss="x"), signed({"alg": "none"}, claims())]
    assert len({refused(text) for text in texts}) == 1


@pytest.mark.parametrize("header", ["jku", "x5u", "jwk", "x5c"])
def test_keys_that_a_token_names_are_never_looked_at(
    header: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jwks, "fetch_entries", None)
    own = jwt.algorithms.RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True)
    value = own if header == "jwk" else "https://evil.example.com/jwks"
    refused(token(key=RSA_KEY, algorithm="RS256", headers={header: value}))


def public(key: Any, key_id: str, **changes: Any) -> dict[str, Any]:
    kind = jwt.algorithms.RSAAlgorithm if hasattr(key, "decrypt") else jwt.algorithms.ECAlgorithm
    entry: dict[str, Any] = kind.to_jwk(key.public_key(), as_dict=True)
    return entry | {"kid": key_id} | changes


class Issuer:
    """Publishes keys and counts how often they are asked for."""

    def __init__(self, *entries: dict[str, Any]) -> None:
        self.document: dict[str, list[dict[str, Any]]] | None = {"keys": list(entries)}
        self.asked = 0

    def fetch(self, url: str) -> list[dict[str, Any]]:
        assert url == JWKS_URL
        self.asked += 1
        return self.document["keys"] if self.document else []


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Issuer:
    made = Issuer(public(RSA_KEY, "rsa-1"), public(EC_KEY, "ec-1"))
    monkeypatch.setenv("JWKS_URL", JWKS_URL)
    monkeypatch.setattr(jwks, "fetch_entries", made.fetch)
    core_settings.settings.cache_clear()
    return made


def by_rsa(key_id: Any = "rsa-1", key: Any = RSA_KEY, **changes: Any) -> str:
    return token(key=key, algorithm="RS256", headers={"kid": key_id}, **changes)


def test_published_keys_verify_both_algorithms(issuer: Issuer) -> None:
    assert verified_user(by_rsa()) == "user-1"
    assert verified_user(token(key=EC_KEY, algorithm="ES256", headers={"kid": "ec-1"})) == "user-1"
    assert issuer.asked == 1


def test_with_published_keys_the_shared_secret_is_worth_nothing(issuer: Issuer) -> None:
    refused(token())
    refused(token(headers={"kid": "rsa-1"}))


def test_a_public_key_is_not_a_shared_secret(issuer: Issuer) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    refused(signed(HEADER | {"kid": "rsa-1"}, claims(), pem.decode()))


@pytest.mark.parametrize(
    "text",
    [
        by_rsa(key=OTHER_RSA_KEY),
        by_rsa("ec-1"),
        token(key=EC_KEY, algorithm="ES256", headers={"kid": "rsa-1"}),
        token(key=RSA_KEY, algorithm="RS256"),
        token(key=RSA_KEY, algorithm="RS384", headers={"kid": "rsa-1"}),
        token(key=RSA_KEY, algorithm="PS256", headers={"kid": "rsa-1"}),
        by_rsa(exp=now_seconds() - 40),
        by_rsa(iss="https://id.example.com"),
    ],
)
def test_a_key_verifies_only_what_it_signed_with_its_one_algorithm(
    issuer: Issuer, text: str
) -> None:
    refused(text)


def test_a_flood_of_unknown_keys_causes_one_fetch(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verified_user(by_rsa()) == "user-1"
    for number in range(200):
        refused(by_rsa(f"unknown-{number}", key=OTHER_RSA_KEY))
    assert issuer.asked == 1
    clock = time.monotonic() + jwks.MIN_INTERVAL_SECONDS + 1
    monkeypatch.setattr(jwks.time, "monotonic", lambda: clock)
    for number in range(200):
        refused(by_rsa(f"unknown-{number}", key=OTHER_RSA_KEY))
    assert issuer.asked == 2


def test_a_new_key_is_found_after_the_interval(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified_user(by_rsa())
    issuer.document = {"keys": [public(OTHER_RSA_KEY, "rsa-2")]}
    refused(by_rsa("rsa-2", key=OTHER_RSA_KEY))
    clock = time.monotonic() + jwks.MIN_INTERVAL_SECONDS + 1
    monkeypatch.setattr(jwks.time, "monotonic", lambda: clock)
    assert verified_user(by_rsa("rsa-2", key=OTHER_RSA_KEY)) == "user-1"
    refused(by_rsa())


def test_known_keys_outlive_the_issuers_absence(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified_user(by_rsa())
    issuer.document = None
    clock = time.monotonic() + MAX_AGE_SECONDS + 1
    monkeypatch.setattr(jwks.time, "monotonic", lambda: clock)
    assert verified_user(by_rsa()) == "user-1"
    assert verified_user(by_rsa()) == "user-1"
    assert issuer.asked == 2


def test_without_any_keys_the_fault_is_ours_and_passing(issuer: Issuer) -> None:
    issuer.document = None
    for _ in range(5):
        with pytest.raises(Transient):
            verified_user(by_rsa())
    assert issuer.asked == 1


@pytest.mark.parametrize(
    "change",
    [
        {"use": "enc"},
        {"alg": "RS512"},
        {"alg": "HS256"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "XYZ"},
        {"kid": None},
        {"kid": 7},
        {"n": "AQAB"},
        {"n": 7},
    ],
)
def test_unusable_keys_are_passed_over(change: dict[str, Any]) -> None:
    entries = [public(RSA_KEY, "bad") | change, public(EC_KEY, "good")]
    assert set(signing_keys(entries)) == {"good"}


@pytest.mark.parametrize("document", [b"", b"{}", b"[]", b"null", b'{"keys": 7}', b'{"keys": [7]}'])
def test_an_odd_document_has_no_keys(document: bytes) -> None:
    assert jwks.entries_of(document) == []


@pytest.fixture
def published() -> Iterator[dict[str, Any]]:
    """A web server on loopback; `answer` is its status and body, `url` where it is."""
    page: dict[str, Any] = {"answer": (200, b"{}")}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = page["answer"]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    page["url"] = f"http://127.0.0.1:{server.server_address[1]}/jwks"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield page
    server.shutdown()
    server.server_close()
    thread.join()


def test_keys_are_read_over_http(published: dict[str, Any]) -> None:
    document = {"keys": [public(RSA_KEY, "rsa-1"), public(EC_KEY, "ec-1")]}
    published["answer"] = (200, json.dumps(document).encode())
    keys = signing_keys(jwks.fetch_entries(published["url"]))
    assert {name: key.algorithm for name, key in keys.items()} == {
        "rsa-1": "RS256",
        "ec-1": "ES256",
    }


@pytest.mark.parametrize(
    "answer", [(500, b"{}"), (404, b"{}"), (302, b""), (200, b"<html>"), (200, b" " * 300_000)]
)
def test_an_issuer_that_fails_has_no_keys(published: dict[str, Any], answer: Any) -> None:
    published["answer"] = answer
    assert jwks.fetch_entries(published["url"]) == []


def test_an_issuer_that_is_away_has_no_keys() -> None:
    assert jwks.fetch_entries("http://127.0.0.1:9/jwks") == []


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=80), st.builds(signed, JSON, JSON)))
def test_no_text_whatever_is_anything_but_refused(text: str) -> None:
    refused(text)


WALLET = "wallet:0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"


def own(**changes: Any) -> dict[str, Any]:
    """The claims of a token of our own, as if somebody else wrote them."""
    return claims(iss=session_tokens.ISSUER, sub=WALLET, jti="1", **changes)


def test_a_token_of_our_own_counts_beside_the_issuers(issuer: Issuer) -> None:
    assert verified_user(issue_access_token(WALLET)) == WALLET
    assert verified_user(by_rsa()) == "user-1"


def test_a_token_of_our_own_counts_beside_the_shared_secret() -> None:
    assert verified_user(issue_access_token(WALLET)) == WALLET
    assert verified_user(token()) == "user-1"


def test_each_token_of_our_own_is_named_and_ends_within_the_hour() -> None:
    told = [
        jwt.decode(issue_access_token(WALLET), options={"verify_signature": False})
        for _ in range(2)
    ]
    assert told[0]["jti"] != told[1]["jti"]
    assert 0 < told[0]["exp"] - now_seconds() <= 3600
    assert (told[0]["iss"], told[0]["aud"]) == (session_tokens.ISSUER, AUDIENCE)


def test_the_shared_secret_signs_no_token_of_our_own() -> None:
    refused(signed(HEADER, own()))


def test_no_issuer_speaks_of_the_others_users(issuer: Issuer) -> None:
    refused(by_rsa(sub=WALLET))
    refused(issue_access_token("user-1"))


def test_the_shared_secrets_issuer_speaks_of_no_wallets() -> None:
    refused(token(sub=WALLET))


def test_a_published_key_signs_no_token_of_our_own(issuer: Issuer) -> None:
    refused(by_rsa(iss=session_tokens.ISSUER, sub=WALLET))


@pytest.mark.parametrize(
    "changes", [{"exp": now_seconds() - 40}, {"aud": "other"}, {"exp": None}, {"sub": None}]
)
def test_tokens_of_our_own_are_checked_like_all_others(changes: dict[str, Any]) -> None:
    key = session_tokens.session_key()
    assert key is not None
    payload = {name: value for name, value in own().items() if name not in changes}
    payload |= {name: value for name, value in changes.items() if value is not None}
    refused(jwt.encode(payload, key, algorithm="HS256"))
    refused(jwt.encode(own(), key + key, algorithm="HS512"))


@pytest.mark.parametrize("held", [{}, {"jwt_secret": "short"}])
def test_without_a_shared_secret_there_are_no_tokens_of_our_own(
    held: dict[str, str], issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = issue_access_token(WALLET)
    monkeypatch.setitem(secrets._kept, SECRET_ARN, (math.inf, json.dumps(held)))
    with pytest.raises(ValueError, match="jwt_secret"):
        issue_access_token(WALLET)
    refused(made)
    assert verified_user(by_rsa()) == "user-1"
