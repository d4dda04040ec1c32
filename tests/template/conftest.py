"""The product's template as SAM transforms it, and ways to spoil it."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.template import Template, load_yaml
from tools.limits import TEMPLATE, deployed

DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""The C dumper where PyYAML has it, as `local.template` has its loader."""
Spoil = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="session")
def transformed() -> Template:
    return deployed()


@pytest.fixture
def spoiled(tmp_path: Path) -> Callable[[Spoil], Template]:
    """Transforms the template after a change to what is written."""

    def make(spoil: Spoil) -> Template:
        document = copy.deepcopy(load_yaml(TEMPLATE))
        spoil(document)
        path = tmp_path / "template.yaml"
        path.write_text(yaml.dump(document, Dumper=DUMPER))
        template = deployed(path)
        template.path = TEMPLATE
        return template

    return make
