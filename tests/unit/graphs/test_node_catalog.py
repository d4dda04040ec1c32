"""The node catalogue: an editor can be built on it alone."""

import json
from typing import Any

import pytest

from showreel.graphs.kinds import KINDS
from showreel.graphs.node_catalog import listing, model_ids, node_catalog
from showreel.graphs.operations import operations
from tests.support.graphs import PICTURE, SOUND, VIDEO, checked, film, node

URLS = {"image": PICTURE, "video": VIDEO, "audio": SOUND, "text": "a cat", "any": PICTURE}


@pytest.fixture(scope="module")
def catalogue() -> dict[str, Any]:
    return node_catalog()


def test_it_has_every_kind_operation_and_living_model(catalogue: dict[str, Any]) -> None:
    assert [one["kind"] for one in catalogue["kinds"]] == list(KINDS)
    assert [one["operation"] for one in catalogue["operations"]] == list(operations())
    assert [one["id"] for one in catalogue["models"]] == model_ids()
    assert json.loads(listing().body) == catalogue


def test_its_schema_takes_a_graph_and_refuses_another_json(catalogue: dict[str, Any]) -> None:
    import jsonschema

    graph = film().model_dump(mode="json", exclude_none=True) | {"revision": 0}
    validator = jsonschema.Draft202012Validator(catalogue["schema"])
    assert list(validator.iter_errors(graph)) == []
    assert list(validator.iter_errors({"nodes": [{"id": 5}]}))


def written(handles: list[dict[str, Any]]) -> dict[str, Any]:
    """A value for each input that is required, two where there may be."""
    return {
        one["name"]: [URLS[one["types"][0]]] * min(one["most"], 2)
        if one["is_list"]
        else URLS[one["types"][0]]
        for one in handles
        if one["required"]
    }


def sample(schema: dict[str, Any]) -> Any:
    """The first value that a parameter's schema offers."""
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "array":
        return [sample(schema["items"])]
    if schema["type"] == "object":
        sampled = {name: sample(of) for name, of in schema["properties"].items()}
        return sampled | ({"url": VIDEO} if "url" in sampled else {})
    if schema["type"] == "boolean":
        return True
    return schema.get("minimum", 1) if schema["type"] != "string" else "x"


def test_every_model_runs_with_what_the_catalogue_says_that_it_takes(
    catalogue: dict[str, Any],
) -> None:
    for model in catalogue["models"]:
        params = {name: sample(of) for name, of in model["parameters"]["properties"].items()}
        found = checked([node("a", "Model", model=model["id"], inputs=written(model["inputs"]))])
        needed = model["parameters"].get("required", [])
        missing = {one.field.rpartition(".")[2] for one in found.findings}
        assert missing == set(needed), model["id"]
        every = {"model": model["id"], "settings": params, "inputs": written(model["inputs"])}
        assert checked([node("a", "Model", **every)]).findings == (), model["id"]


def test_every_operation_runs_with_what_the_catalogue_says_that_it_takes(
    catalogue: dict[str, Any],
) -> None:
    wanted = {"speed": {"factor": 2}, "resize": {"width": 640}, "crop": {"aspect_ratio": "1:1"}}
    for operation in catalogue["operations"]:
        name = operation["operation"]
        params = {"operation": name, **wanted.get(name, {}), "inputs": written(operation["inputs"])}
        found = checked([node("a", "Transform", **params)])
        assert found.findings == (), name
        assert operation["parameters"]["properties"].keys() >= wanted.get(name, {}).keys()
