"""Reads a template as CloudFormation does: SAM's transform first, then intrinsic functions."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from local.sam import transformed

NO_VALUE = object()
"""What `AWS::NoValue` becomes while a tree is resolved; never left in a result."""


class TemplateError(ValueError):
    """The template uses something that it does not define."""


_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]  # the C loader where PyYAML has it, else the slow one
    pass


def _short_form(loader: Any, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix in {"Ref", "Condition"}:
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)
_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for letter, resolvers in _Base.yaml_implicit_resolvers.items()
}


def load_yaml(path: Path) -> dict[str, Any]:
    """Returns the document with short forms (`!Ref x`) written out (`{"Ref": "x"}`)."""
    document = yaml.load(path.read_text(), Loader=_Loader)  # noqa: S506  # a safe loader's child
    if not isinstance(document, dict):
        raise TemplateError(f"{path} is no template")
    return document


def _is_intrinsic(node: Any) -> bool:
    return (
        isinstance(node, dict)
        and len(node) == 1
        and (next(iter(node)) in {"Ref", "Condition"} or next(iter(node)).startswith("Fn::"))
    )


Lookup = Callable[[str, str | None], str]
"""What a resource's Ref (attribute None) or GetAtt is, by logical id. Raises KeyError."""


class Template:
    """A template with its parameters set. `resource(id)` gives resolved properties."""

    def __init__(
        self,
        path: Path,
        parameters: Mapping[str, Any],
        pseudo: Mapping[str, str],
        lookup: Lookup,
        endpoints: Mapping[str, str] | None = None,
    ) -> None:
        """`endpoints` are parameters too: addresses that differ at each start. SAM's transform sees
        their defaults, so that its result can be kept; it puts no address anywhere itself.
        """
        self.path = path
        self.document = load_yaml(path)
        self.pseudo = dict(pseudo)
        self.lookup = lookup
        for_transform = self._parameters(parameters)
        self.parameters = self._parameters({**(endpoints or {}), **parameters})
        self.document = transformed(self.document, for_transform, pseudo["AWS::Region"])
        self.resources: dict[str, dict[str, Any]] = {
            name: resource
            for name, resource in self.document.get("Resources", {}).items()
            if "Condition" not in resource or self.condition(resource["Condition"])
        }

    def _parameters(self, given: Mapping[str, Any]) -> dict[str, str]:
        values: dict[str, str] = {}
        for name, declared in self.document.get("Parameters", {}).items():
            if name not in given and "Default" not in declared:
                raise TemplateError(f"parameter {name} has neither a value nor a default")
            values[name] = _text(given.get(name, declared.get("Default")))
        return values

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Logical ids and resolved properties of every resource of a type."""
        return {
            name: self.properties(name)
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def properties(self, name: str) -> dict[str, Any]:
        """Returns a resource's properties, intrinsics worked out."""
        resolved: dict[str, Any] = self.resolve(self.raw_properties(name))
        return resolved

    def raw_properties(self, name: str) -> dict[str, Any]:
        """Returns a resource's properties, nothing worked out."""
        properties: dict[str, Any] = self.resources[name].get("Properties", {})
        return properties

    def output(self, name: str) -> Any:
        """Returns the value of an output. Raises KeyError."""
        return self.resolve(self.document["Outputs"][name]["Value"])

    def condition(self, node: Any) -> bool:
        """Returns a condition's truth: a name or an expression."""
        if isinstance(node, str):
            try:
                return self.condition(self.document["Conditions"][node])
            except KeyError:
                raise TemplateError(f"unknown condition {node}") from None
        name, argument = next(iter(node.items()))
        match name:
            case "Condition":
                return self.condition(argument)
            case "Fn::Equals":
                left, right = (_text(self.resolve(side)) for side in argument)
                return left == right
            case "Fn::Not":
                return not self.condition(argument[0])
            case "Fn::And":
                return all(self.condition(part) for part in argument)
            case "Fn::Or":
                return any(self.condition(part) for part in argument)
        raise TemplateError(f"{name} is no condition")

    def resolve(self, node: Any) -> Any:
        """Returns the tree with every intrinsic worked out and `AWS::NoValue` left out."""
        resolved = self._resolve(node)
        return None if resolved is NO_VALUE else resolved

    def _resolve(self, node: Any) -> Any:
        if _is_intrinsic(node):
            name, argument = next(iter(node.items()))
            if name != "Condition":
                return self._intrinsic(name, argument)
        if isinstance(node, dict):
            pairs = {key: self._resolve(value) for key, value in node.items()}
            return {key: value for key, value in pairs.items() if value is not NO_VALUE}
        if isinstance(node, list):
            items = [self._resolve(value) for value in node]
            return [value for value in items if value is not NO_VALUE]
        return node

    def _intrinsic(self, name: str, argument: Any) -> Any:
        if name == "Fn::If":
            return self._resolve(argument[1 if self.condition(argument[0]) else 2])
        if name == "Fn::Sub":
            return self._sub(argument)
        if name in {"Fn::Equals", "Fn::Not", "Fn::And", "Fn::Or"}:
            return self.condition({name: argument})
        return self._plain(name, self._resolve(argument))

    def _plain(self, name: str, argument: Any) -> Any:
        match name:
            case "Ref":
                return self.ref(argument)
            case "Fn::GetAtt":
                return self._attribute(argument[0], argument[1])
            case "Fn::FindInMap":
                return self.document["Mappings"][argument[0]][argument[1]][argument[2]]
        return _text_function(name, argument)

    def ref(self, name: str) -> Any:
        """Returns what `Ref` gives: a parameter, a pseudo parameter or a resource's physical id."""
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.pseudo:
            return self.pseudo[name]
        if name in self.parameters:
            return self._parameter_value(name)
        return self._attribute(name, None)

    def _parameter_value(self, name: str) -> Any:
        kind = self.document["Parameters"][name].get("Type", "String")
        value = self.parameters[name]
        is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
        return [part.strip() for part in value.split(",")] if is_list else value

    def _attribute(self, name: str, attribute: str | None) -> str:
        try:
            return self.lookup(name, attribute)
        except KeyError:
            raise TemplateError(f"{name} is neither a parameter nor a resource") from None

    def _sub(self, argument: Any) -> str:
        text, local = (argument, {}) if isinstance(argument, str) else argument

        def value(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in local:
                return _text(self._resolve(local[name]))
            head, dot, tail = name.partition(".")
            return _text(self._attribute(head, tail) if dot else self.ref(name))

        return re.sub(r"\$\{([^}]+)\}", value, text)


def _text_function(name: str, argument: Any) -> Any:
    match name:
        case "Fn::Join":
            return argument[0].join(_text(part) for part in argument[1])
        case "Fn::Select":
            return argument[1][int(argument[0])]
        case "Fn::Split":
            return argument[1].split(argument[0])
        case "Fn::ToJsonString":
            return json.dumps(argument)
    raise TemplateError(f"{name} is not supported")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_text(part) for part in value)
    return str(value)
