import pytest

from showreel.assembly.models import NormalisedPiece, TransitionPiece
from showreel.core.errors import Conflict, MediaError, NotFound
from showreel.films.pipeline import compile_video
from showreel.films.pipeline.compile_video import _kept, _spec
from showreel.films.pipeline.kind import FILMS, UNUSABLE_FILES
from showreel.films.pipeline.pieces import PieceRow, Pieces, piece_name
from showreel.films.pipeline.plan import FilmPlan, TransitionType
from showreel.runs.models import Run
from showreel.runs.store import Runs
from tests.unit.films.pipeline.conftest import store_plan
from tests.unit.films.pipeline.support import make_plan, make_run

KINDS: list[TransitionType] = ["seamless", "crossfade", "cut"]


def made(name: str) -> NormalisedPiece:
    return NormalisedPiece(digest=name, frames=120)


def all_made(plan: FilmPlan) -> dict[str, PieceRow]:
    clips = [
        PieceRow(kind="clip", index=i, status="done", normalised=made(f"clip {i}"))
        for i in range(4)
    ]
    between = [
        PieceRow(
            kind="transition",
            index=one.index,
            status="done",
            transition_type=one.kind,
            normalised=made(f"after {one.index}") if one.kind != "cut" else None,
        )
        for one in plan.transitions
    ]
    return {piece_name(piece.kind, piece.index): piece for piece in (*clips, *between)}


def failed(index: int) -> dict[str, PieceRow]:
    return {piece_name("clip", index): PieceRow(kind="clip", index=index, status="failed")}


def test_a_film_is_what_its_plan_and_its_pieces_say() -> None:
    plan = make_plan(KINDS)
    spec = _spec(plan, all_made(plan), _kept(make_run(), plan, all_made(plan)))
    assert [piece.digest for piece in spec.pieces] == [f"clip {i}" for i in range(4)]
    assert spec.transitions == (
        TransitionPiece("generated", made("after 0")),
        TransitionPiece("crossfade", made("after 1")),
        None,
    )
    assert (spec.profile, spec.music, spec.music_volume) == (plan.profile, None, 50)


def test_clips_around_a_missing_one_meet_in_a_cut() -> None:
    plan = make_plan(KINDS)
    pieces = all_made(plan) | failed(1)
    spec = _spec(plan, pieces, _kept(make_run(), plan, pieces))
    assert [piece.digest for piece in spec.pieces] == ["clip 0", "clip 2", "clip 3"]
    assert spec.transitions == (None, None)


def test_a_missing_clip_fails_the_film_that_must_be_whole() -> None:
    plan = make_plan(KINDS)
    run = make_run().model_copy(update={"options": {"allow_partial": False}})
    with pytest.raises(Conflict) as raised:
        _kept(run, plan, all_made(plan) | failed(3))
    assert raised.value.code == "clips_failed"


@pytest.mark.parametrize("code", [*UNUSABLE_FILES, "media_mismatch"])
def test_a_film_whose_file_cannot_be_used_fails_by_its_own_code(
    wired: Pieces, run: Run, runs: Runs, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """What is a mistake of ours stays an internal error."""
    plan = make_plan([])
    store_plan(wired, plan)
    wired.put(PieceRow(kind="clip", index=0, status="done", normalised=made("clip 0")))
    monkeypatch.setattr(compile_video, "set_project_status", lambda *_: None)

    def fails(*_: object) -> None:
        raise MediaError("not to be used", code=code)

    monkeypatch.setattr(compile_video, "compile_spec", fails)
    with pytest.raises(MediaError):
        compile_video.compile_video(run.id)
    error = FILMS.failure(runs.get(run.id)).error
    assert error is not None
    assert error.code == (code if code in UNUSABLE_FILES else "internal_error")


def test_a_transitions_neighbours_are_the_clips_as_they_were_normalised(wired: Pieces) -> None:
    wired.put(PieceRow(kind="clip", index=0, status="done", normalised=made("clip 0")))
    with pytest.raises(NotFound):
        wired.neighbours(0)
    wired.put(PieceRow(kind="clip", index=1, status="done", normalised=made("clip 1")))
    assert wired.neighbours(0) == (made("clip 0"), made("clip 1"))
