"""The step WriteShots: asks the language model, and writes each shot while its text arrives.

If an answer can't be used, or lacks shots, the model is asked once more for the missing ones. Those
still missing become templates, so a run always gives as many shots as were asked for. Attempts are
counted on the run: a process that takes over from a killed one keeps what is written and asks at
most once more.
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
"""The documented model; its successor in the catalogue answers."""
TEMPERATURE = 0.8
TOKENS, TOKENS_PER_SHOT = 1000, 400
"""The most tokens to think with, and for each shot: twice what one needs."""
ATTEMPT_SECONDS = 60.0
OTHER_SECONDS = 20.0
"""How long a step waits while another process writes, before it is retried."""
WRITTEN = Ending("completed", "Shots written")


def write_shots(run_id: str, function_arn: str) -> None:
    """Writes the shots and ends the run. Of a run that is over or canceled nothing is written, and
    its place is freed. Raises NotFound for a scene that is gone, and Transient.
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
    """Waits until the run is over or being canceled. Raises Transient after 20 s: if the execution
    ended before its run, the run would count as dead.
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
    """Finishes shots whose text broke off after the description."""
    for number, slot in enumerate(sheet.slots):
        if slot.is_written and not slot.is_done:
            sheet.write(number, PHASES, idea_of(storyboards().shot_row(slot.id)), slot.source)


def _attempt(sheet: Sheet, place: SceneInProject) -> None:
    """Writes the shots of one answer. If it is unusable, logs and counts that."""
    try:
        _dictate(sheet, place)
    except (ProviderError, Unusable) as error:
        reason = error.code if isinstance(error, ProviderError) else str(error)
        logger().warning("an answer can't be used", run_id=sheet.run.id, reason=reason)
        count("ShotsUnusable")
        if reason == "provider_quota":
            count("ProviderQuota")


def _dictate(sheet: Sheet, place: SceneInProject) -> None:
    """Asks the model once and writes its shots. Raises ProviderError, or Unusable unless every shot
    that needs a text gets one.
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
    """Writes what a piece of the answer has completed, with all new phases of a shot at once."""
    for place, news in groupby(sightings, lambda sighting: sighting.place):
        steps = list(news)
        sheet.write(numbers[place], [step.phase for step in steps], steps[-1].idea)


def _order(material: Material, wanted: int) -> TextOrder:
    """Returns the order of the text. JSON mode is off: some vendors then hold an answer back until
    it is whole.
    """
    tokens = TOKENS + TOKENS_PER_SHOT * wanted
    return TextOrder(get_model(MODEL), messages(material, wanted), tokens, TEMPERATURE)


def _successor(order: TextOrder, gone: Model) -> Model | None:
    """Returns the model that may answer instead, once; None if there is none."""
    new = replacement(gone) if gone == order.model else None
    return new if new is not None and fits(new, order) else None


def _ideas(run: Run) -> list[str]:
    """Returns the ideas of the client's shots and the scene's latest ones, without duplicates."""
    shots = storyboards().latest_shots(run.subject_id, MAX_IDEAS)
    written = [idea_line(shot.title, shot.prompt_idea or shot.visual_prompt) for shot in shots]
    return [*dict.fromkeys([*run.options["ideas"], *filter(None, written)])]
