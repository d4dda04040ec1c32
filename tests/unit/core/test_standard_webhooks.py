import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showreel.core.errors import Unauthenticated
from showreel.core.standard_webhooks import sign, verify

SECRET = "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI="
BODY = (
    b'{"id":"1234567890","status":"succeeded","message":"","create_time":1781080778802,'
    b'"update_time":1781080794151}'
)
TIME = 1781080794
VECTOR = "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4="


def headers(signature=VECTOR, webhook_id="9876543210", timestamp=str(TIME)):
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature,
    }


def test_the_vendors_own_vector_verifies():
    assert verify(headers(), BODY, SECRET, now_seconds=TIME) == "9876543210"
    assert sign("9876543210", str(TIME), BODY, SECRET).decode() == VECTOR


@pytest.mark.parametrize("signature", [f"v1,AAAA {VECTOR}", f"v1a,xyz {VECTOR} v1,BBBB"])
def test_one_of_several_signatures_is_enough(signature):
    assert verify(headers(signature), BODY, SECRET, now_seconds=TIME)


@pytest.mark.parametrize("skew", [-300, 300])
def test_the_clock_may_be_five_minutes_off(skew):
    assert verify(headers(), BODY, SECRET, now_seconds=TIME + skew)


@pytest.mark.parametrize(
    "change",
    [
        {"now_seconds": TIME + 301},
        {"now_seconds": TIME - 301},
        {"body": BODY + b" "},
        {"body": json.dumps(json.loads(BODY)).encode()},
        {"secret": "whsec_b3RoZXI="},
        {"secret": "whsec_not base64"},
        {"headers": {}},
        {"headers": headers(webhook_id="1")},
        {"headers": headers(webhook_id="9" * 201)},
        {"headers": headers(timestamp=f"{TIME}.0")},
        {"headers": headers(timestamp="9" * 5000)},
        {"headers": headers(timestamp="١٧٨١٠٨٠٧٩٤")},
        {"headers": headers(signature="")},
        {"headers": headers(signature=VECTOR[3:])},
        {"headers": headers(signature="v2" + VECTOR[2:])},
        {"headers": headers(signature="v1,\ud800")},
        {"headers": headers(signature="v1,AAAA " * 10 + VECTOR)},
    ],
)
def test_anything_else_is_refused(change):
    given_ = {"headers": headers(), "body": BODY, "secret": SECRET, "now_seconds": TIME} | change
    with pytest.raises(Unauthenticated):
        verify(
            given_["headers"], given_["body"], given_["secret"], now_seconds=given_["now_seconds"]
        )


@given(body=st.binary(max_size=300), key=st.text(max_size=20))
def test_no_body_or_id_breaks_the_verifier(body, key):
    with pytest.raises(Unauthenticated):
        verify(headers(webhook_id=key), body, SECRET, now_seconds=TIME)


@pytest.mark.parametrize("change", ["", "body", "signature", "secret"])
def test_replicates_own_package_agrees(change):
    """It checks the same form; without a time, because the vector's is past."""
    from replicate.webhook import Webhooks, WebhookSigningSecret

    signed = headers(VECTOR if change != "signature" else "v1," + "A" * 43 + "=")
    body = BODY + b" " if change == "body" else BODY
    secret = "whsec_b3RoZXI=" if change == "secret" else SECRET
    theirs, ours = True, True
    try:
        key = WebhookSigningSecret(key=secret)
        Webhooks.validate(headers=signed, body=body.decode(), secret=key)
    except ValueError:
        theirs = False
    try:
        verify(signed, body, secret, now_seconds=TIME)
    except Unauthenticated:
        ours = False
    assert theirs is ours is (change == "")
