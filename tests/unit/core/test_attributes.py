from decimal import Decimal, Inexact

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from showreel.core.attributes import decode_item, encode, encode_item

INTEGERS = st.integers(-(10**30), 10**30)
FLOATS = st.floats(-1e9, 1e9, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-100)
LEAVES = st.none() | st.booleans() | INTEGERS | FLOATS | st.text() | st.sets(st.text(), min_size=1)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(st.dictionaries(st.text(), VALUES))
def test_what_is_written_is_what_is_read(item):
    written = {name: value for name, value in item.items() if value is not None}
    assert decode_item(encode_item(item)) == written


@given(st.recursive(st.none() | st.booleans() | INTEGERS | st.text(), st.lists, max_leaves=9))
def test_the_typed_form_is_that_of_boto3(value):
    assert encode(value) == TypeSerializer().serialize(value)
    assert decode_item({"a": encode(value)})["a"] == TypeDeserializer().deserialize(encode(value))


def test_whole_numbers_come_back_as_integers_and_others_as_floats():
    read = decode_item({"a": {"N": "5"}, "b": {"N": "0.35"}, "c": {"N": "1E+2"}})
    assert read == {"a": 5, "b": 0.35, "c": 100}
    assert [type(value) for value in read.values()] == [int, float, int]


def test_a_number_beyond_38_digits_is_refused_rather_than_rounded():
    with pytest.raises(Inexact):
        encode(10**38 + 1)
    assert encode(Decimal("9" * 38)) == {"N": "9" * 38}


@pytest.mark.parametrize("value", [float("inf"), float("nan"), object(), b"bytes", {1, 2}])
def test_what_dynamodb_has_no_form_for_is_refused(value):
    with pytest.raises(TypeError):
        encode(value)
