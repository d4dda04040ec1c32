"""Makes moto's DynamoDB faster without changing an answer. Most of what our tests compute is its.

* An item's size is counted once per item, not once per attribute, and without copies.
* Expressions are walked and copied node by node, by each processor that has something to do in
  them, and the number of their clauses is looked at once. Their classes are abstract, and asking
  such a class for its instances is slow.
* Texts are compared as they are; keys are sorted by what they hold.
* A value is read and written by its own type; moto looks for each of ten types. Nothing is looked
  for inside texts and numbers, and they aren't copied: a change puts another in their place.
* Update expressions are parsed once: they are few, and their readers copy them. So are the words
  of a condition; and a condition that is asked for twice in a row is parsed once.
* Updates like the product's are carried out on the item itself (`dynamodb_updates`).
* Reserved words are a set, a request's id is one random number, not 52, and the name of the method
  that answers an action is made once.

`tests/unit/tools/test_direct.py` compares the answers with moto's own.
"""

import copy
import functools
import itertools
import random
from collections import deque
from collections.abc import Sequence
from typing import Any

from moto.core import parse as moto_parse
from moto.core import responses
from moto.core.serialize import BaseJSONSerializer
from moto.core.utils import camelcase_to_underscores, method_names_from_class
from moto.dynamodb import responses as dynamodb_responses
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models import dynamo_type
from moto.dynamodb.models.table import Table
from moto.dynamodb.models.utilities import dynamo_to_dict
from moto.dynamodb.parsing import ast_nodes, validators
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from local.aws import dynamodb_updates
from local.aws.dynamodb_updates import MOST_ITEM_BYTES, size_of, size_of_all
from local.aws.mending import replace

PLAIN_TYPES = frozenset({"S", "N", "BOOL", "NULL", "M", "L"})
AS_THEY_ARE = frozenset({"S", "B", "BOOL"})
"""Types whose values compare as moto keeps them."""
SCALARS = frozenset({"S", "N", "BOOL", "NULL"})
_TEXTS = (str, bool, int, float, type(None))
_nodes: Any = ast_nodes  # moto's are typed in part
Node = _nodes.Node
_CLAUSES = (_nodes.Expression, _nodes.UpdateExpressionFunction)
_types: Any = dynamo_type
DynamoType, Item, LimitedSizeDict = _types.DynamoType, _types.Item, _types.LimitedSizeDict


def mend() -> None:
    """Puts faster methods in the place of moto's."""
    cast: Any = DynamoType.cast_value.fget
    counts: Any = validators.ActionCountValidator.verify_action_counts
    reads: Any = moto_parse.BaseJSONParser._parse_structure  # noqa: SLF001  # moto's
    structure: Any = BaseJSONSerializer._serialize_type_structure  # noqa: SLF001  # moto's

    def cast_value(self: Any) -> Any:
        return self.value if self.type in AS_THEY_ARE else cast(self)

    def verify_action_counts(self: Any, node: Any) -> Any:
        return counts(self, node) if node.parent is None else node

    def parse_structure(self: Any, shape: Any, value: Any) -> Any:
        if shape.name != "AttributeValue" or not isinstance(value, dict) or len(value) != 1:
            return reads(self, shape, value)
        ((kind, content),) = value.items()
        if kind not in shape.members or content is None:
            return reads(self, shape, value)
        if kind in SCALARS:
            return {kind: content}
        return {kind: self._parse_shape(shape.members[kind], content)}

    def serialize_structure(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        kind, content = _typed(value) if shape.name == "AttributeValue" else (None, None)
        if kind not in PLAIN_TYPES:
            structure(self, serialized, value, shape, key)
            return
        if kind in SCALARS:
            serialized[key] = {kind: content}
            return
        serialized[key] = {}
        self._serialize(serialized[key], content, shape.members[kind], kind)

    replace(DynamoType, cast_value=property(cast_value), size=_size, __deepcopy__=_copied_type)
    replace(Item, __init__=_make_item, __deepcopy__=_copied_item)
    replace(LimitedSizeDict, __setitem__=_set_attribute)
    replace(Table, all_items=_all_items)
    replace(Node, find_clauses=_find_clauses)
    replace(_Traverser, traverse=_traverse)
    replace(validators, deepcopy=_copied)
    replace(validators.ActionCountValidator, verify_action_counts=verify_action_counts)
    dynamodb_updates.mend()
    replace(moto_parse.BaseJSONParser, _parse_structure=parse_structure)
    replace(BaseJSONSerializer, _serialize_type_structure=serialize_structure)
    replace(responses, method_names_from_class=functools.cache(method_names_from_class))
    replace(responses, camelcase_to_underscores=functools.cache(camelcase_to_underscores))
    replace(responses, gen_amzn_requestid_long=request_id)
    replace(dynamodb_responses, dynamo_to_dict=_plain)
    _mend_conditions()


# ---------------------------------------------------------------- items


def _size(self: Any) -> int:
    """Returns the bytes of an attribute's value."""
    kind, value = self.type, self.value
    if kind == "M":
        return sum(len(key.encode()) + of.size() for key, of in value.items())
    if kind == "L":
        return sum(of.size() for of in value)
    if kind in ("SS", "NS", "BS"):
        return sum(size_of(of) for of in value)
    return 1 if isinstance(value, bool) else size_of(value)


def _make_item(self: Any, hash_key: Any, range_key: Any, attrs: dict[str, Any]) -> None:
    """Makes an item. Raises ItemSizeTooLarge."""
    self.hash_key, self.range_key = hash_key, range_key
    self.attrs = LimitedSizeDict()
    dict.update(self.attrs, {name: DynamoType(value) for name, value in attrs.items()})
    if size_of_all(self.attrs) > MOST_ITEM_BYTES:
        raise ItemSizeTooLarge


def _set_attribute(self: Any, key: str, value: Any) -> None:
    """Sets an item's attribute. Raises ItemSizeTooLarge."""
    if size_of_all(self) + size_of_all({key: value}) > MOST_ITEM_BYTES:
        raise ItemSizeTooLarge
    dict.__setitem__(self, key, value)


def _copied_type(self: Any, _memo: Any = None) -> Any:
    """Returns a copy of a value; what nothing changes is its own."""
    if self.type in SCALARS:
        return self
    made = DynamoType.__new__(DynamoType)
    value = self.value
    if isinstance(value, list):
        value = [_copied_type(of) if isinstance(of, DynamoType) else of for of in value]
    elif isinstance(value, dict):
        value = {key: _copied_type(of) for key, of in value.items()}
    made.type, made.value = self.type, value
    return made


def _copied_item(self: Any, _memo: Any = None) -> Any:
    made = Item.__new__(Item)
    made.hash_key, made.range_key = self.hash_key, self.range_key
    made.attrs = LimitedSizeDict()
    dict.update(made.attrs, {name: _copied_type(of) for name, of in self.attrs.items()})
    return made


def _all_items(self: Any) -> list[Any]:
    """Returns a table's items in the order of their keys."""
    if not self.range_key_attr:
        return sorted(self.items.values(), key=lambda item: item.hash_key.cast_value)
    found = [item for partition in self.items.values() for item in partition.values()]
    return sorted(found, key=lambda item: (item.hash_key.cast_value, item.range_key.cast_value))


# ---------------------------------------------------------------- expressions


class _Kinds(dict[type, Any]):
    """By class, the first of some classes that it is or derives from, or None."""

    def __init__(self, kinds: Sequence[type]) -> None:
        super().__init__()
        self.kinds = kinds

    def __missing__(self, kind: type) -> Any:
        self[kind] = next((one for one in self.kinds if issubclass(kind, one)), None)
        return self[kind]


_kinds: Any = functools.cache(lambda *kinds: _Kinds(kinds))
_NODES = _Kinds([Node])
_HAVE_CLAUSES = _Kinds(_CLAUSES)
_Traverser: Any = vars(ast_nodes)["DepthFirstTraverser"]


def _has(root: Any, kinds: _Kinds) -> bool:
    """Whether an expression has a node of these kinds."""
    todo = [root]
    while todo:
        node = todo.pop()
        if kinds[type(node)] is not None:
            return True
        todo += [child for child in node.children or () if _NODES[type(child)]]
    return False


def _traverse(self: Any, root: Any) -> Any:
    """Processes an expression's nodes, children first; returns what the root became."""
    processes = self._processing_map()
    kinds = _kinds(*processes)
    if not _NODES[type(root)] or not _has(root, kinds):
        return root
    prepares = type(self).pre_processing_of_child is not _Traverser.pre_processing_of_child

    def visit(node: Any, child_id: int) -> Any:
        parent = node.parent
        for number, child in enumerate(node.children or ()):
            if prepares:
                self.pre_processing_of_child(node, number)
            if _NODES[type(child)]:
                visit(child, number)
        if (kind := kinds[type(node)]) is not None:
            node = processes[kind](node)
            node.parent = parent
            if parent:
                parent.children[child_id] = node
        return node

    return visit(root, -1)


def _find_clauses(self: Any, clause_types: Any) -> list[Any]:
    """Returns the clauses of these types below a node."""
    found = []
    for child in self.children or ():
        if type(child) in clause_types:
            found.append(child)
        elif _HAVE_CLAUSES[type(child)]:
            found += child.find_clauses(clause_types)
    return found


def _copied(value: Any) -> Any:
    """Returns a copy of an expression, or of anything else that moto copies beside one."""
    return _copied_node(value) if _NODES[type(value)] else copy.deepcopy(value)


def _copied_node(node: Any) -> Any:
    made = object.__new__(type(node))
    vars(made).update(vars(node))
    if node.children is not None:
        made.children = [
            _copied_node(child) if _NODES[type(child)] else child for child in node.children
        ]
        for child in made.children:
            if _NODES[type(child)]:
                child.set_parent(made)
    return made


# ---------------------------------------------------------------- conditions


def _mend_conditions() -> None:
    parser: Any = ConditionExpressionParser
    parses, lexes = parser.parse, parser._lex_condition_expression  # noqa: SLF001  # moto's
    last: Any = None

    @functools.lru_cache(1024)
    def words(text: str) -> Any:
        return tuple(lexes(parser(text, None, None)))

    def parse(self: Any) -> Any:
        """Returns a condition. An update's is asked for twice, with the very same values."""
        nonlocal last
        asked = self.condition_expression
        names, values = self.expression_attribute_names, self.expression_attribute_values
        kept = last
        if kept is None or kept[0] != asked or kept[1] is not names or kept[2] is not values:
            made = parses(self)
            last = (asked, names, values, self, made)
            return made
        self.expr_attr_names_found.extend(kept[3].expr_attr_names_found)
        self.expr_attr_values_found.extend(kept[3].expr_attr_values_found)
        return kept[4]

    def lex(self: Any) -> Any:
        return deque(words(self.condition_expression))

    replace(parser, parse=parse, _lex_condition_expression=lex)
    reserved = frozenset(ReservedKeywords.get_reserved_keywords())
    replace(ReservedKeywords, get_reserved_keywords=lambda: reserved)


# ---------------------------------------------------------------- answers


_numbers = itertools.count(random.getrandbits(120))
"""The system's random numbers take a while, and moto asks for one at each call."""


def request_id(headers: dict[str, Any] | None = None) -> str:
    """Returns a request's id, and puts it into the headers."""
    made = f"{next(_numbers):032X}"
    if headers is not None:
        headers["x-amzn-requestid"] = made
    return made


def _plain(value: Any) -> Any:
    """Returns a result without moto's types."""
    kind = type(value)
    if kind in _TEXTS:
        return value
    if kind is DynamoType and value.type in PLAIN_TYPES:
        return {value.type: _plain(value.value)}
    if kind is Item:
        return _plain(value.to_json())
    if isinstance(value, dict):
        return {key: _plain(of) for key, of in value.items()}
    if isinstance(value, list):
        return [_plain(of) for of in value]
    return dynamo_to_dict(value)


def _typed(value: Any) -> tuple[str | None, Any]:
    """Returns an attribute's type and content."""
    if isinstance(value, DynamoType):
        return value.type, value.value
    return (
        next(iter(value.items())) if isinstance(value, dict) and len(value) == 1 else (None, None)
    )
