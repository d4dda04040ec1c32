"""A project with a scene, and a language model that says what a test wants."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from showreel.core.dynamo import Table
from showreel.core.errors import ConditionFailed
from showreel.credits.ledger import Ledger
from showreel.identity import Caller
from showreel.providers.text import TextDelta, TextEnd, TextRequest
from showreel.runs.models import BegunRun, Run
from showreel.storyboards.gen_shots.begin import begin
from showreel.storyboards.gen_shots.events import shot_events
from showreel.storyboards.gen_shots.kind import shot_runs
from showreel.storyboards.gen_shots.schemas import GenShotsBody
from showreel.storyboards.gen_shots.write_shots import write_shots
from showreel.storyboards.models import SceneRow, ShotRow, StoryboardRow
from showreel.storyboards.store import StoryboardStore
from tests.unit.films.support import ANN, BASE, WORKSPACE
from tests.unit.storyboards.support import PROJECT, SCENE, project_row, scene_row

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:showreel-gen-shots"
BUDGET = 100
Say = Sequence[str | BaseException | Callable[[], None]]


class Killed(BaseException):
    """The process ends here, whatever it was doing."""


def project(**changes: Any) -> StoryboardRow:
    people = [{"name": "Ada", "description": "seventy, yellow raincoat"}]
    whole = {
        "title": "The Last Ferry",
        "genre": "noir",
        "tone": "melancholy",
        "concept": "A keeper waits for a ferry that no longer runs.",
        "video_style": "35 mm film, muted teal",
        "characters": people,
    }
    return project_row(PROJECT, **whole).model_copy(update=changes)


def scene(**changes: Any) -> SceneRow:
    whole = {
        "title": "The Pier",
        "description": "Ada stands at the end of the pier and listens.",
        "location": "a wooden pier",
        "lighting": "blue hour",
        "weather": "fog",
    }
    return scene_row(SCENE, **whole).model_copy(update=changes)


def written_shot(number: int) -> dict[str, Any]:
    return {
        "title": f"Shot {number}",
        "shot_type": "wide",
        "description": f"Ada does thing {number}.",
        "camera": "slow pan",
        "duration_seconds": 4,
    }


def answer(*numbers: int) -> str:
    return json.dumps({"shots": [written_shot(number) for number in numbers]})


def words(text: str) -> list[str]:
    return [f"{word} " for word in text.split(" ")]


class LanguageModel:
    """Says its scripts, one for each time that it is asked; the last one again and again."""

    name, base_url = "groq", ""

    def __init__(self) -> None:
        self.scripts: list[Say] = [words(answer(1, 2, 3, 4, 5, 6))]
        self.asked: list[TextRequest] = []
        self.closed = 0

    def stream(self, request: TextRequest) -> Iterator[TextDelta | TextEnd]:
        self.asked.append(request)
        script = self.scripts[min(len(self.asked), len(self.scripts)) - 1]
        try:
            for said in script:
                if isinstance(said, BaseException):
                    raise said
                if callable(said):
                    said()
                else:
                    yield TextDelta(said)
            yield TextEnd("stop")
        finally:
            self.closed += 1


@dataclass
class Studio:
    """Ann's project with a scene, credits and a language model."""

    store: StoryboardStore
    ledger: Ledger
    model: LanguageModel
    started: list[str] = field(default_factory=list)
    """Names of the executions that were started."""

    def begin(self, caller: Caller = ANN, request_id: str = "one", **body: Any) -> BegunRun:
        request = GenShotsBody.model_validate({"projectId": PROJECT} | body)
        return begin(shot_runs(ARN), caller, request, request_id, BASE)

    def write(self, run: Run) -> Run:
        write_shots(run.id, ARN)
        return self.run(run.id)

    def made(self, **body: Any) -> Run:
        return self.write(self.begin(**body).run)

    def run(self, run_id: str) -> Run:
        return shot_runs(ARN).runs.get(run_id)

    def events(self, run: Run, after: int = 0) -> list[tuple[int, str, dict[str, Any]]]:
        """What a reader gets: number, name and data."""
        stream = shot_events(
            shot_runs(ARN).runs,
            self.run(run.id),
            after,
            opened_at=0.0,
            deadline=0.0,
            clock=lambda: 0.0,
        )
        return [read_frame(frame) for frame in stream]

    def steps(self, run: Run) -> list[tuple[int, str]]:
        """The phases that shots have reached, as their numbers."""
        told = [data for _, name, data in self.events(run) if name == "shot"]
        return [(data["shot_number"], data["status"]) for data in told]

    def shots(self) -> list[ShotRow]:
        return self.store.shots(SCENE, 100)[0]

    @property
    def spent(self) -> int:
        return BUDGET - self.ledger.account(WORKSPACE).balance

    @property
    def held(self) -> int:
        return self.ledger.account(WORKSPACE).held


def read_frame(frame: bytes) -> tuple[int, str, dict[str, Any]]:
    fields = dict(line.split(": ", 1) for line in frame.decode().strip().split("\n"))
    return int(fields["id"]), fields["event"], json.loads(fields["data"])


def delete_shot(table: Table, shot_id: str) -> None:
    from showreel.storyboards.removal import Removal

    Removal(table).retire_shot(SCENE, shot_id)


def no_condition_failed(call: Callable[[], None]) -> bool:
    try:
        call()
    except ConditionFailed:
        return False
    return True
