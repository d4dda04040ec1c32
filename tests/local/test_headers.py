"""Headers are read as Python's own parser reads them."""

import email.parser
from http.client import HTTPMessage

import pytest

from local.server import plain_headers

PLAIN = b"Host: a:80\r\nX-A: 1\r\nx-a:  two \tthree\r\nEmpty:\r\nCookie: a=b; c=\xe9\r\n\r\n"
FOLDED = b"A: 1\r\n 2\r\n\t3\r\nB: 4\r\n\r\n"
BROKEN = b"A: 1\r\nno colon\r\nB: 2\r\n\r\n"
SPACED = b"A : 1\r\n: 2\r\nB: 3\r\n\r\n"


@pytest.mark.parametrize("head", [PLAIN, FOLDED, BROKEN, SPACED, b"\r\n"])
def test_names_order_and_values_are_the_same(head: bytes) -> None:
    expected = email.parser.Parser(_class=HTTPMessage).parsestr(head.decode("latin-1"))
    found = plain_headers(head.splitlines(keepends=True))
    assert found.items() == expected.items()
    assert found.get_all("x-a") == expected.get_all("x-a")
