"""From an answer to shots: whatever the model and the process do, the run ends with as many shots
as were asked for, each step streamed once, and the credits of what the model wrote.
"""

import contextlib
import itertools
from functools import partial
from typing import Any

import pytest

from showreel.core import dynamo
from showreel.core.errors import (
    ProviderAuth,
    ProviderContentPolicy,
    ProviderModelGone,
    ProviderUpstream,
    Transient,
)
from showreel.storyboards.gen_shots import write_shots as writing
from showreel.storyboards.gen_shots.kind import SHOTS, shot_runs
from showreel.storyboards.gen_shots.sheet import Sheet
from showreel.storyboards.gen_shots.slots import PHASES
from tests.unit.films.support import WORKSPACE
from tests.unit.storyboards.gen_shots.support import (
    ARN,
    Killed,
    Studio,
    answer,
    delete_shot,
    words,
)

ENDLESS = ['{"shots": [{"title": "A", "description": "', *["on and on "] * 3000]


def every_phase(*numbers: int) -> list[tuple[int, str]]:
    return [(number, phase) for number in numbers for phase in PHASES]


def test_shots_are_written_streamed_and_paid(studio: Studio) -> None:
    run = studio.made(shotCount=3)
    assert run.status == "completed"
    events = studio.events(run)
    assert [name for _, name, _ in events] == ["meta", *["shot"] * 12, "done"]
    assert studio.steps(run) == every_phase(1, 2, 3)
    assert events[-1][2] == {
        "completed": True,
        "total": 3,
        "requestId": "one",
        "credits": 2,
        "templates": 0,
    }
    assert (studio.spent, studio.held) == (2, 0)
    first, *_ = studio.shots()
    told = [data for _, name, data in events if name == "shot"][3]
    assert told["id"] == first.id
    assert told["title"] == first.title == "Shot 1"
    assert told["description"] == first.description == first.prompt_idea == "Ada does thing 1."
    assert told["visual_prompt"] == first.visual_prompt
    assert first.visual_prompt is not None
    assert first.visual_prompt.startswith("Ada does thing 1. Wide shot.")
    assert (first.image.status, first.duration_ms, first.shot_type) == (
        "prompt_ready",
        4000,
        "wide",
    )
    assert (first.status, first.source, first.camera_movement) == ("ready", "model", "slow pan")
    assert (told["thumbnail"], told["source"]) == (None, "model")


def test_a_shots_fields_come_with_its_phases(studio: Studio) -> None:
    run = studio.made(shotCount=1)
    told = [data for _, name, data in studio.events(run) if name == "shot"]
    creating, drafting, enriching, _ = told
    assert [creating[name] for name in ("title", "description", "visual_prompt")] == [None] * 3
    assert drafting["title"] == "Shot 1"
    assert drafting["visual_prompt"] == "Ada does thing 1."
    assert enriching["visual_prompt"] != drafting["visual_prompt"]
    assert len({data["id"] for data in told}) == 1


@pytest.mark.parametrize(("count", "price"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3)])
def test_half_a_credit_a_shot_in_whole_ones(studio: Studio, count: int, price: int) -> None:
    studio.made(shotCount=count)
    assert (studio.spent, studio.held) == (price, 0)
    assert len(studio.shots()) == count


def test_the_row_has_what_was_streamed_before_the_next_word_arrives(studio: Studio) -> None:
    seen: list[Any] = []
    text = answer(1, 2)
    end = text.index("}") + 1
    studio.model.scripts = [[text[:end], lambda: seen.append(studio.shots()[0].status), text[end:]]]
    studio.made(shotCount=2)
    assert seen == ["ready"]


def test_the_call_is_closed_when_all_shots_are_there(studio: Studio) -> None:
    numbers = range(1, 41)
    studio.model.scripts = [[*words(answer(*numbers)), Killed()]]
    run = studio.made(shotCount=2)
    assert studio.steps(run) == every_phase(1, 2)
    assert (studio.model.closed, len(studio.model.asked)) == (1, 1)


@pytest.mark.parametrize(
    "said",
    [
        words("I would open on the pier, with fog rolling in from the sea."),
        [],
        words("I'm sorry, but I can't help with that."),
        ENDLESS,
        words('{"shots": [{"title": "Half'),
        ["{}"],
        [ProviderContentPolicy("refused")],
        [ProviderAuth("no")],
        ['{"shots": [', ProviderUpstream("broke")],
    ],
    ids="prose empty refusal endless truncated nothing policy auth broken".split(),
)
def test_an_unusable_answer_is_asked_for_again_then_shots_are_templates(
    studio: Studio, said: Any
) -> None:
    studio.model.scripts = [said]
    run = studio.made(shotCount=3)
    assert len(studio.model.asked) == 2
    assert run.status == "completed"
    assert studio.steps(run) == every_phase(1, 2, 3)
    assert {shot.source for shot in studio.shots()} == {"template"}
    assert {data["source"] for _, name, data in studio.events(run)[2:-1]} == {"template"}
    assert all(
        shot.visual_prompt and shot.image.status == "prompt_ready" for shot in studio.shots()
    )
    assert (studio.spent, studio.held) == (0, 0)
    assert studio.events(run)[-1][2]["templates"] == 3


def test_a_second_answer_gives_what_the_first_one_lacks(studio: Studio) -> None:
    first = answer(1, 2, 3)
    studio.model.scripts = [words(first[: first.index("thing 2") + 4]), words(answer(8, 9))]
    run = studio.made(shotCount=3)
    assert [shot.title for shot in studio.shots()] == ["Shot 1", "Shot 8", "Shot 9"]
    assert studio.steps(run) == every_phase(1, 2, 3)
    assert studio.spent == 2
    again = studio.model.asked[1].messages[1].content
    assert again.startswith("Write 2 shots")
    assert "Shot 1: Ada does thing 1." in again


def test_a_shot_whose_text_broke_off_after_its_description_is_finished(studio: Studio) -> None:
    text = answer(1)
    studio.model.scripts = [[text[: text.index('"camera"')]]]
    run = studio.made(shotCount=1)
    assert studio.steps(run) == every_phase(1)
    (shot,) = studio.shots()
    assert (shot.title, shot.status, shot.source) == ("Shot 1", "ready", "model")
    assert len(studio.model.asked) == 1
    assert studio.spent == 1


def test_a_model_that_is_gone_has_its_successor(studio: Studio) -> None:
    studio.model.scripts = [[ProviderModelGone("gone")], words(answer(1))]
    studio.made(shotCount=1)
    assert [shot.source for shot in studio.shots()] == ["model"]
    upstreams = [request.upstream for request in studio.model.asked]
    assert len(set(upstreams)) == 2


def test_style_characters_and_ideas_are_in_the_prompt_without_json_mode(studio: Studio) -> None:
    studio.made(shotCount=1)
    known = [{"id": "x", "shot_number": 1, "prompt_idea": "A gull lands"}]
    studio.made(request_id="two", shotCount=1, existingShots=known)
    request = studio.model.asked[-1]
    said = request.messages[-1].content
    for words_ in ("35 mm film", "melancholy", "yellow raincoat", "A gull lands", "Ada does thing"):
        assert words_ in said
    assert not request.json_only


def test_an_answer_that_takes_too_long_is_left(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "ATTEMPT_SECONDS", -1.0)
    run = studio.made(shotCount=1)
    assert {shot.source for shot in studio.shots()} == {"template"}
    assert run.status == "completed"


def test_a_deleted_shot_is_left_out_and_not_paid(studio: Studio) -> None:
    run = studio.begin(shotCount=3).run
    second = studio.shots()[1]
    text = answer(1, 2, 3)
    at = text.index("Shot 2")
    deleting = partial(delete_shot, studio.store.table, second.id)
    studio.model.scripts = [[text[:at], deleting, text[at:]]]
    run = studio.write(run)
    assert run.status == "completed"
    assert [shot.title for shot in studio.shots()] == ["Shot 1", "Shot 3"]
    assert studio.events(run)[-1][2]["total"] == 2
    assert studio.spent == 1


def test_a_canceled_run_keeps_and_costs_what_was_written(studio: Studio) -> None:
    run = studio.begin(shotCount=6).run
    text = answer(1, 2, 3, 4, 5, 6)
    at = text.index("thing 4")
    cancel = lambda: shot_runs(ARN).cancel(studio.run(run.id))  # noqa: E731
    studio.model.scripts = [[text[:at], cancel, text[at:]]]
    run = studio.write(run)
    assert run.status == "canceled"
    assert [shot.title for shot in studio.shots()] == ["Shot 1", "Shot 2", "Shot 3"]
    assert (studio.spent, studio.held) == (2, 0)
    name, told = studio.events(run)[-1][1:]
    assert (name, told["code"], told["requestId"]) == ("error", "canceled", "one")
    assert studio.begin(request_id="two", shotCount=1).run.state["shots"][0]["number"] == 4


def test_a_run_that_is_over_is_not_written_again(studio: Studio) -> None:
    run = studio.made(shotCount=1)
    studio.write(run)
    assert len(studio.model.asked) == 1


def test_a_scene_that_was_deleted_ends_the_run_with_an_error(studio: Studio) -> None:
    from showreel.storyboards.removal import Removal
    from tests.unit.storyboards.support import PROJECT, SCENE

    run = studio.begin(shotCount=2).run
    Removal(studio.store.table).retire_scene(PROJECT, SCENE)
    shot_runs(ARN).release(run.id, "NotFound")
    name, told = studio.events(run)[-1][1:]
    assert (name, told["code"]) == ("error", "scene_gone")
    assert (studio.spent, studio.held) == (0, 0)


def test_a_process_that_was_thought_dead_writes_nothing_any_more(studio: Studio) -> None:
    run = studio.begin(shotCount=2).run
    text = answer(1, 2)
    at = text.index("Shot 2")

    def taken_over() -> None:
        studio.model.scripts = [[], words(answer(7))]
        studio.write(run)

    studio.model.scripts = [[text[:at], taken_over, text[at:]]]
    studio.write(run)
    assert [shot.title for shot in studio.shots()] == ["Shot 1", "Shot 7"]
    assert studio.steps(run) == every_phase(1, 2)
    assert studio.spent == 1


def test_a_step_that_runs_twice_does_not_end_before_the_other_does(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An execution that ends before its run counts as dead, and the run failed."""
    monkeypatch.setattr(writing, "OTHER_SECONDS", 0.0)
    run = studio.begin(shotCount=2).run
    text = answer(1, 2)
    at = text.index("Shot 2")

    def taken_over() -> None:
        scene = studio.store.scene_row(run.subject_id)
        place = studio.store.in_project(scene)
        Sheet(shot_runs(ARN), studio.run(run.id), place.scene).take_turn(asks=False)

    studio.model.scripts = [[text[:at], taken_over, text[at:]], words(answer(2))]
    with pytest.raises(Transient):
        studio.write(run)
    assert studio.write(run).status == "completed"
    assert [shot.title for shot in studio.shots()] == ["Shot 1", "Shot 2"]
    assert studio.spent == 1


class Dying:
    """DynamoDB for a process that dies before or after its nth write."""

    def __init__(self, moment: int) -> None:
        self.left, self._is_late, self._call = moment // 2, moment % 2, dynamo._call

    def __call__(self, operation: str, **request: Any) -> Any:
        if operation not in {"transact_write_items", "update_item", "put_item"}:
            return self._call(operation, **request)
        self.left -= 1
        if self.left == -1 and not self._is_late:
            raise Killed
        answered = self._call(operation, **request)
        if self.left == -1:
            raise Killed
        return answered


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.deep)])
def test_killed_at_any_write_the_run_still_ends_with_all_its_shots(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    for moment in itertools.count(0, step):
        spent, dying = studio.spent, Dying(moment)
        run = studio.begin(request_id=f"number {moment}", shotCount=2).run
        with monkeypatch.context() as patch, contextlib.suppress(Killed):
            patch.setattr(dynamo, "_call", dying)
            studio.write(run)
        run = studio.write(run)
        assert (run.status, studio.held) == ("completed", 0), moment
        assert run.state["attempts"] <= 2
        numbers = [slot["number"] for slot in run.state["shots"]]
        assert sorted(studio.steps(run), key=lambda step: step[0]) == every_phase(*numbers), moment
        shots = [shot for shot in studio.shots() if shot.shot_number in numbers]
        assert [shot.status for shot in shots] == ["ready"] * 2
        assert not shot_runs(ARN).queue(SHOTS).state(WORKSPACE).has(run.id), moment
        assert studio.spent - spent == -(-sum(shot.source == "model" for shot in shots) // 2)
        if dying.left >= 0:
            break
    assert moment > 10
    runs = moment // step + 1
    assert [shot.shot_number for shot in studio.shots()] == [*range(1, 2 * runs + 1)]
