"""WriteShots: the language model is asked, and every shot is written as its own text arrives.

An answer that can't be used, or not for all shots, is followed by another one, for those that are
missing. What is missing then becomes templates, so the run ends with as many shots as were asked
for, however the model behaves. Attempts are counted on the run: a process that takes over from one
that was killed keeps what is written and asks at most once more.
"""

import time
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import groupby

from showreel.catalog import Model, get_model, replacement
from showreel.core.errors import ProviderError, Transient
from showreel.core.observability import count, logger
from showreel.generation.text.asking import Asking
from showreel.generation.text.order import TextOrder, fits
from showreel.providers.text import TextDelta
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.models import Ending, Run
from showreel.storyboards.access import storyboards
from showreel.storyboards.gen_shots.answer import AnswerReader, Sighting, Unusable
from showreel.storyboards.gen_shots.kind import idea_of, shot_runs
from showreel.storyboards.gen_shots.prompts import MAX_IDEAS, Material, messages
from showreel.storyboards.gen_shots.schemas import idea_line
from showreel.storyboards.gen_shots.sheet import LOOK_SECONDS, Sheet, Stopped
from showreel.storyboards.gen_shots.slots import PHASES, may_ask, slots_of
from showreel.storyboards.gen_shots.templates import template_idea
from showreel.storyboards.models import SceneInProject

MODEL = "llama-3.3-70b-versatile"
"""The documented one, answered by its successor in the catalogue."""
TEMPERATURE = 0.8
TOKENS, TOKENS_PER_SHOT = 1000, 400
"""What a model may use to think, and for each shot: twice what one needs."""
ATTEMPT_SECONDS = 60.0
OTHER_SECONDS = 20.0
"""How long a step that runs twice leaves the writing to the other one, before it is tried again."""
WRITTEN = Ending("completed", "Shots written")


def write_shots(run_id: str, function_arn: str) -> None:
    """Writes the shots and ends the run. One that is over, or canceled, is not written; its place
    is freed all the same. Raises NotFound for a scene that is gone, and Transient.
    """
    on = shot_runs(function_arn)
    run = on.runs.get(run_id)
    is_stopped = run.is_over or run.cancel_requested
    try:
        if not is_stopped and not all(slot.is_done for slot in slots_of(run)):
            _write(on, on.start(run_id, "Writing shots"))
    except Stopped:
        _wait_for_the_other(on, run_id)
        return
    on.end(run_id, on.why(run) if is_stopped else WRITTEN)


def _wait_for_the_other(on: Lifecycle, run_id: str) -> None:
    """Returns when the run is over or is to be. Raises Transient if another process writes it for
    longer than some seconds: the execution must not end before its run, which would count as dead.
    """
    until = time.monotonic() + OTHER_SECONDS
    while True:
        run = on.runs.get(run_id)
        if run.is_over or run.cancel_requested:
            return
        if time.monotonic() >= until:
            raise Transient("another process writes the shots")
        time.sleep(LOOK_SECONDS)


def _write(on: Lifecycle, run: Run) -> None:
    store = storyboards()
    place = store.in_project(store.scene_row(run.subject_id))
    sheet = Sheet(on, run, place.scene)
    asks = may_ask(sheet.run)
    sheet.take_turn(asks=asks)
    _finish(sheet)
    while asks:
        _attempt(sheet, place)
        _finish(sheet)
        asks = may_ask(sheet.run)
        if asks:
            sheet.take_turn(asks=True)
    for number, slot in enumerate(sheet.slots):
        if slot.needs_text:
            sheet.write(number, PHASES, template_idea(place.scene, slot.number), "template")


def _finish(sheet: Sheet) -> None:
    """Brings shots to their end whose text broke off after its description."""
    for number, slot in enumerate(sheet.slots):
        if slot.is_written and not slot.is_done:
            sheet.write(number, PHASES, idea_of(storyboards().shot_row(slot.id)), slot.source)


def _attempt(sheet: Sheet, place: SceneInProject) -> None:
    """Writes what one answer gives."""
    try:
        _dictate(sheet, place)
    except (ProviderError, Unusable) as error:
        reason = error.code if isinstance(error, ProviderError) else str(error)
        logger().warning("an answer can't be used", run_id=sheet.run.id, reason=reason)
        count("ShotsUnusable")
        if reason == "provider_quota":
            count("ProviderQuota")


def _dictate(sheet: Sheet, place: SceneInProject) -> None:
    """Raises ProviderError, or Unusable unless the answer has a text for every shot that needs
    one.
    """
    numbers = [number for number, slot in enumerate(sheet.slots) if slot.needs_text]
    reader, until = AnswerReader(len(numbers)), time.monotonic() + ATTEMPT_SECONDS
    order = _order(Material(place.project, place.scene, _ideas(sheet.run)), len(numbers))
    asking = Asking(order, order.model, partial(_successor, order))
    try:
        piece = asking.first()
        while isinstance(piece, TextDelta) and not reader.is_over:
            _take(sheet, numbers, reader.read(piece.text))
            sheet.look()
            if time.monotonic() > until:
                raise Unusable("the answer takes too long")
            piece = piece if reader.is_over else asking.following()
    finally:
        asking.close()
    reader.end()


def _take(sheet: Sheet, numbers: Sequence[int], sightings: Iterable[Sighting]) -> None:
    """Writes what a piece of the answer has completed: a shot's phases together."""
    for place, news in groupby(sightings, lambda sighting: sighting.place):
        steps = list(news)
        sheet.write(numbers[place], [step.phase for step in steps], steps[-1].idea)


def _order(material: Material, wanted: int) -> TextOrder:
    """Returns what the model is asked. Not in JSON mode: where vendors have it, it may keep an
    answer back until it is whole.
    """
    tokens = TOKENS + TOKENS_PER_SHOT * wanted
    return TextOrder(get_model(MODEL), messages(material, wanted), tokens, TEMPERATURE)


def _successor(order: TextOrder, gone: Model) -> Model | None:
    """Returns who may answer instead of the model, once."""
    new = replacement(gone) if gone == order.model else None
    return new if new is not None and fits(new, order) else None


def _ideas(run: Run) -> list[str]:
    """Returns the ideas of the client's shots and of the scene's, the latest ones of both."""
    shots = storyboards().latest_shots(run.subject_id, MAX_IDEAS)
    written = [idea_line(shot.title, shot.prompt_idea or shot.visual_prompt) for shot in shots]
    return [*dict.fromkeys([*run.options["ideas"], *filter(None, written)])]
