"""Results of a run: its public output, and the project's fields."""

from dataclasses import dataclass
from typing import Any

from showreel.assembly.models import FilmFiles
from showreel.assets.keys import public_url
from showreel.films.pipeline.pieces import PieceRow, piece_name
from showreel.films.pipeline.plan import FilmPlan, PlannedTransition
from showreel.films.projects.models import ProjectStatus
from showreel.runs.models import Ending, Run


@dataclass(frozen=True)
class Outcome:
    """A run's plan, pieces and ending, from which all that callers see is derived."""

    run: Run
    plan: FilmPlan
    pieces: dict[str, PieceRow]
    ending: Ending

    @property
    def film(self) -> FilmFiles | None:
        """The finished film, if there is one."""
        film: FilmFiles | None = self.ending.result
        return film

    def clips(self) -> list[PieceRow]:
        """Returns the clips in order."""
        return [self.pieces[piece_name("clip", clip.index)] for clip in self.plan.clips]

    def actual_cost_cents(self) -> int:
        """Returns what generation cost in US cents; reused pieces cost nothing."""
        return sum(piece.cost_cents for piece in self.pieces.values())

    def completed_clips(self) -> int:
        """Returns how many clips were delivered and haven't failed."""
        return sum(clip.asset_key is not None and clip.status != "failed" for clip in self.clips())

    def missing_clips(self) -> list[dict[str, str]]:
        """Returns the clips that could not be made, each with its reason as a code."""
        return [
            {"clip_id": planned.id, "reason": clip.reason or "unknown"}
            for planned, clip in zip(self.plan.clips, self.clips(), strict=True)
            if clip.status == "failed"
        ]

    def output(self) -> dict[str, Any]:
        """Returns the run's `output`."""
        return {
            **self._media(),
            "actualCostCents": self.actual_cost_cents(),
            "completedClips": self.completed_clips(),
            "reusedClips": sum(clip.reused for clip in self.clips()),
            "missingClips": [
                {"clipId": clip["clip_id"], "reason": clip["reason"]}
                for clip in self.missing_clips()
            ],
            "transitions": [self._transition(planned) for planned in self.plan.transitions],
        }

    def _transition(self, planned: PlannedTransition) -> dict[str, Any]:
        made = self.pieces[piece_name("transition", planned.index)]
        return {
            "index": planned.index,
            "requested": planned.requested,
            "kind": made.transition_type,
            "reused": made.reused,
            "reason": made.reason,
        }

    def _media(self) -> dict[str, Any]:
        film = self.film
        if film is None:
            return {}
        base = self.run.public_base_url
        video = "draftVideoUrl" if self.plan.draft else "finalVideoUrl"
        return {
            video: public_url(base, film.film_key),
            "posterUrl": public_url(base, film.poster_key),
            "contactSheetUrl": public_url(base, film.contact_sheet_key),
            "durationSeconds": film.duration_seconds,
            "frames": film.frames,
        }

    def project_status(self) -> ProjectStatus:
        """Returns the status after the run: after a draft the earlier one, `draft` after a
        cancel.
        """
        if self.plan.draft:
            before: ProjectStatus = self.run.options.get("status_before", "draft")
            return before
        if self.ending.status == "canceled":
            return "draft"
        return "completed" if self.ending.status == "completed" else "failed"

    def project_attributes(self) -> dict[str, Any]:
        """Returns the project's other fields; an earlier run's film stays if there is no new
        one.
        """
        film = self.film
        if self.plan.draft:
            return _files(film, "draft_video_key", "draft_") if film else {}
        attributes: dict[str, Any] = {
            "completed_clip_count": self.completed_clips(),
            "actual_cost_cents": self.actual_cost_cents(),
            "missing_clips": self.missing_clips(),
            "error_message": self.ending.error.message if self.ending.error else None,
        }
        if film:
            attributes |= _files(film, "final_video_key")
            attributes["duration_seconds"] = film.duration_seconds
        return attributes


def _files(film: FilmFiles, video: str, prefix: str = "") -> dict[str, Any]:
    """Returns the attributes that name the film's files."""
    return {
        video: film.film_key,
        f"{prefix}thumbnail_key": film.poster_key,
        f"{prefix}contact_sheet_key": film.contact_sheet_key,
    }
