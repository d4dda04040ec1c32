"""Which answer a caller already has."""

import pytest

from showreel.edge.etags import is_known


@pytest.mark.parametrize(
    ("tags", "has_it"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"b", W/"a"', True),
        ("*", True),
        ('"b","c"', False),
        ("a", False),
        ("", False),
        ('"a', False),
        ('"b",' * 2_000 + '"a"', False),
    ],
)
def test_a_list_is_known_by_any_of_its_tags(tags: str, has_it: bool) -> None:
    assert is_known(tags, '"a"') is has_it
