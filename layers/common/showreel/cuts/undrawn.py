"""Finds characters of captions that the font lacks, before credits are held.

Without a letter a word may mean something else, so missing letters are refused; emoji and signs are
left out of the picture, with a warning. Caption files have all characters.
"""

from collections.abc import Iterator, Sequence

from showreel.core.errors import InvalidInput
from showreel.cuts.plan import CutPlan
from showreel.cuts.responses import CaptionWarning

MOST_DETAILS = 20


def caption_warnings(plan: CutPlan) -> list[CaptionWarning]:
    """Returns the captions with characters that the font lacks, if captions are burnt."""
    return list(_warnings(plan)) if plan.settings.burns_captions else []


def require_drawable(warnings: Sequence[CaptionWarning]) -> None:
    """Raises InvalidInput `caption_characters` if the font lacks letters."""
    refused = [one for one in warnings if one.refused]
    if refused:
        message = "The captions' font doesn't have these letters; choose captions beside the film"
        faults = [
            {"field": _field(one), "message": f"No letters for {one.characters}"}
            for one in refused[:MOST_DETAILS]
        ]
        raise InvalidInput(message, code="caption_characters", details={"details": faults})


def _warnings(plan: CutPlan) -> Iterator[CaptionWarning]:
    # imported here: a sync without burnt captions needs no fonts
    from showreel.media.lettering import is_letter, missing_characters

    clips = {clip.row_id: clip for clip in plan.clips}
    for text in plan.texts:
        missing = missing_characters(text.text)
        letters = "".join(filter(is_letter, missing))
        clip = clips[text.row_id] if text.row_id else None
        if missing:
            yield CaptionWarning(
                shot_id=text.row_id,
                scene_number=clip.scene_number if clip else None,
                shot_number=clip.shot_number if clip else None,
                text_id=text.text_id,
                characters=letters or missing,
                refused=bool(letters),
            )


def _field(warning: CaptionWarning) -> str:
    if warning.shot_id is not None:
        return f"rows.{warning.shot_id}.caption"
    return f"texts.{warning.text_id}.text"
