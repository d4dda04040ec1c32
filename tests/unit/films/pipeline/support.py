"""Plans and runs for the pipeline's tests."""

from showreel.films.pipeline.plan import FilmPlan, PlannedClip, PlannedTransition, TransitionType
from showreel.runs.models import Run

RUN = "run_1"


def make_run(run_id: str = RUN) -> Run:
    return Run(
        id=run_id,
        kind="film",
        workspace_id="w",
        subject_id="vp_1",
        public_base_url="https://api.example.com/prod",
        limit_seconds=1800,
        created_at="2026-11-21T10:00:00.000Z",
        options={"draft": False},
        state={"pieces_done": []},
    )


def make_plan(kinds: list[TransitionType]) -> FilmPlan:
    clips = tuple(
        PlannedClip(
            index=index,
            id=f"clip_{index}",
            label=f"Room {index}",
            source_key=f"project-assets/{index}.jpg",
            end_key=None,
            prompt="pan",
            duration_seconds=5,
            key=f"key-{index}",
            credits=30,
            cost_cents=35,
        )
        for index in range(len(kinds) + 1)
    )
    transitions = tuple(
        PlannedTransition(index=index, kind=kind, requested=kind)
        for index, kind in enumerate(kinds)
    )
    return FilmPlan(
        run_id=RUN,
        project_id="vp_1",
        workspace_id="w",
        draft=False,
        model="kling-v2.6-pro",
        aspect_ratio="16:9",
        resolution="720p",
        frames_per_second=24,
        native_audio=False,
        music_track_id=None,
        music_volume=50,
        title=None,
        logo_key=None,
        clips=clips,
        transitions=transitions,
    )
