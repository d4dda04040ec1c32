"""Checks whether a storyboard can be exported, and what the export would lack."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from showreel.core.errors import Conflict, InvalidInput
from showreel.cuts.models import MAX_CUT_SECONDS, MAX_ROWS, Timeline
from showreel.cuts.plan import CutPlan, adjusted
from showreel.cuts.ports import BoardShot
from showreel.cuts.responses import (
    AdjustedShot,
    Blocking,
    CaptionWarning,
    MissingReason,
    MissingShot,
    Summary,
)
from showreel.cuts.timeline import SourceLengths, board_digest, visual
from showreel.cuts.undrawn import caption_warnings, require_drawable

FAILED = "DIRECTOR_CUT_PREFLIGHT_FAILED"
NO_SHOTS = "The project has no ordered shots."
NO_VISUALS = "The timeline has no images or videos."
STALE = "The timeline is older than the storyboard. Sync it first."


@dataclass(frozen=True)
class Preflight:
    """The storyboard's shots, their timeline, and the plan of an export of it.

    `lengths` has the media that can be used.
    """

    shots: Sequence[BoardShot]
    timeline: Timeline
    plan: CutPlan
    lengths: SourceLengths
    allow_partial: bool = False

    @cached_property
    def missing(self) -> list[MissingShot]:
        """The shots that can't be shown."""
        return [
            MissingShot(
                shot_id=shot.id,
                scene_id=shot.scene_id,
                scene_number=shot.scene_number,
                shot_number=shot.shot_number,
                reason=_reason(shot),
                image_status=shot.image.status,
                video_status=shot.video.status,
            )
            for shot in self.shots
            if visual(shot, self.lengths) is None
        ]

    @cached_property
    def caption_warnings(self) -> list[CaptionWarning]:
        """The captions with characters that the font lacks."""
        return caption_warnings(self.plan)

    @property
    def blocking(self) -> tuple[Blocking, str] | None:
        """Why it can't be exported, as a code and a message; None if it can."""
        missing, is_stale = len(self.missing), self._is_stale
        if not self.shots:
            return "no_shots", NO_SHOTS
        if missing and not self.allow_partial:
            shots = "1 ordered shot is" if missing == 1 else f"{missing} ordered shots are"
            return "missing_shots", f"{shots} missing an image or video."
        if missing == len(self.shots) or not (is_stale or self.timeline.shown):
            return "no_visuals", NO_VISUALS
        return ("stale_timeline", STALE) if is_stale else None

    @property
    def _is_stale(self) -> bool:
        return self.timeline.board_digest != board_digest(self.shots)

    def summary(self) -> Summary:
        """Returns the documented summary, with our own fields."""
        shown = [visual(shot, self.lengths) for shot in self.shots]
        videos = sum(one is not None and one[0] == "video" for one in shown)
        ready = len(self.shots) - len(self.missing)
        rows, blocking = self.timeline.rows, self.blocking
        sounds = sum(row.voice_over is not None for row in rows) + bool(self.timeline.music)
        return Summary(
            total_shots=len(self.shots),
            synced_assets=len(rows) + sounds,
            visual_assets=len(rows),
            ready_shots=ready,
            ready_videos=videos,
            fallback_images=ready - videos,
            missing_shots=len(self.missing),
            audio_assets=sounds,
            can_export=blocking is None,
            blocking_reason=blocking[1] if blocking else None,
            blocking_code=blocking[0] if blocking else None,
            missing_shot_details=self.missing,
            adjusted_shots=list(self._adjusted()),
            caption_warnings=self.caption_warnings,
            duration_ms=round(1000 * self.plan.seconds),
            revision=self.timeline.revision,
        )

    def _adjusted(self) -> Iterator[AdjustedShot]:
        for one in adjusted(self.timeline, self.plan):
            yield AdjustedShot(
                shot_id=one.row_id,
                scene_number=one.scene_number,
                shot_number=one.shot_number,
                reason=one.reason,
                duration_ms=one.duration_ms,
            )
        for shot in self.shots:
            for reason, key in (("video", shot.video.key), ("voice_over", shot.audio.key)):
                if key is not None and key not in self.lengths:
                    yield AdjustedShot(
                        shot_id=shot.id,
                        scene_number=shot.scene_number,
                        shot_number=shot.shot_number,
                        reason=f"{reason}_unusable",
                        duration_ms=None,
                    )

    def require(self) -> None:
        """Raises Conflict `preflight_failed` with the summary if it can't be exported; InvalidInput
        `cut_too_long`, `caption_characters`.
        """
        blocking = self.blocking
        if blocking is not None:
            summary = self.summary().model_dump(mode="json", by_alias=True)
            details: dict[str, Any] = {"error": FAILED, "summary": summary}
            raise Conflict(blocking[1], code="preflight_failed", details=details)
        if self.plan.seconds > MAX_CUT_SECONDS:
            message = (
                f"A cut is at most {MAX_CUT_SECONDS} s long; this one has {self.plan.seconds:.0f}"
            )
            raise InvalidInput(message, code="cut_too_long", field="projectId")
        require_drawable(self.caption_warnings)


def require_countable(shots: Sequence[BoardShot]) -> None:
    """Raises InvalidInput `too_many_shots` for more than 200 shots."""
    if len(shots) > MAX_ROWS:
        message = f"A cut has at most {MAX_ROWS} shots"
        raise InvalidInput(message, code="too_many_shots", field="projectId")


def _reason(shot: BoardShot) -> MissingReason:
    """Returns why a shot can't be shown."""
    if shot.video.key is not None:
        return "unusable"
    statuses = {shot.image.status, shot.video.status}
    reasons: tuple[Literal["generating", "failed"], ...] = ("generating", "failed")
    return next((reason for reason in reasons if reason in statuses), "not_generated")
