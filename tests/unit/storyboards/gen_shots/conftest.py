"""A studio on AWS in this process: tables, credits, and a language model that tests command."""

from typing import Any

import pytest

from showreel.core import settings as core_settings
from showreel.core.dynamo import Table
from showreel.credits.ledger import Ledger
from showreel.generation.text import asking
from showreel.runs import executions
from showreel.storyboards.store import StoryboardStore
from tests.unit.films.support import WORKSPACE
from tests.unit.storyboards.gen_shots.support import BUDGET, LanguageModel, Studio, project, scene

ENVIRONMENT = {
    "GEN_SHOTS_STATE_MACHINE": "showreel-gen-shots",
    "ENABLE_SHOT_STREAM": "true",
    "ENABLE_STREAM_TELEMETRY": "true",
}


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> LanguageModel:
    made = LanguageModel()
    monkeypatch.setattr(asking, "get_text", lambda _: made)
    return made


@pytest.fixture
def studio(cloud: Table, model: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> Studio:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    core_settings.settings.cache_clear()
    store = StoryboardStore(cloud)
    store.create_project(project())
    store.add_scene(scene())
    ledger = Ledger(Table("credits"))
    ledger.grant(WORKSPACE, BUDGET, "budget")
    made = Studio(store, ledger, model)

    def call_states(operation: str, _expected: Any, **request: str) -> None:
        if operation == "start_execution":
            made.started.append(request["name"])

    monkeypatch.setattr(executions, "call_states", call_states)
    return made
