import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showreel.core.errors import InvalidInput, NotFound
from showreel.providers.kling.webhooks import read_notice
from showreel.providers.registry import ADAPTERS, read_webhook
from showreel.providers.webhooks import body_object, raw_body, read_standard


def test_without_a_secret_the_vendors_own_id_is_not_believed():
    body = b'{"id": "1", "status": "succeeded", "external_id": "j-2"}'
    webhook = read_standard({}, body, "", read_notice)
    assert webhook.webhook_id.startswith("unsigned-")
    assert (webhook.notice.external_id, webhook.notice.task_id) == ("j-2", None)


@given(body=st.binary(max_size=200))
def test_strange_bodies_are_input_errors(body):
    with contextlib.suppress(InvalidInput):
        read_notice(body_object(body))


@pytest.mark.parametrize(
    "name", ["nobody", *(n for n, row in ADAPTERS.items() if not row.webhooks)]
)
def test_vendors_that_send_none_are_not_found(name):
    with pytest.raises(NotFound):
        read_webhook(name, {}, b"{}")


def test_the_raw_bytes_are_what_is_signed():
    assert raw_body("é", is_base64=False) == "é".encode()
    assert raw_body("/w==", is_base64=True) == b"\xff"
    assert raw_body(None, is_base64=False) == b""
    with pytest.raises(InvalidInput):
        raw_body("no base64!", is_base64=True)
    with pytest.raises(InvalidInput):
        raw_body("\ud800", is_base64=False)
