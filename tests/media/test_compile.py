from collections.abc import Sequence
from itertools import cycle, islice, pairwise
from pathlib import Path

import pytest
from PIL import Image

from showreel.core.errors import MediaError, Transient
from showreel.media import runner
from showreel.media.compile import compile_film, concat_script
from showreel.media.movie import read_movie
from showreel.media.normalise import normalise_clip
from showreel.media.plan import Clip, CompilePlan, RenderedTransition, TransitionKind
from showreel.media.poster import render_contact_sheet
from showreel.media.profile import Profile
from showreel.media.title import Title, draw_card
from showreel.media.transition import encode_crossfade, normalise_transition
from tests.media.decoding import (
    difference,
    ffmpeg,
    frame,
    frame_hashes,
    frame_times,
    loudness,
    make_clip,
    picture,
    sound_samples,
)

FILES = {"film.mp4", "poster.jpg", "contact_sheet.jpg"}


@pytest.fixture(scope="session")
def parts(tmp_path_factory, clips, profile) -> dict[str, RenderedTransition]:
    directory = tmp_path_factory.mktemp("transitions")
    fade, ai = directory / "fade.mp4", directory / "ai.mp4"
    encode_crossfade(clips.low.video, clips.high.video, fade, profile)
    made = make_clip(directory / "made.mp4", seconds=3, size="320x180", source="rgbtestsrc")
    normalise_transition(made, ai, profile)
    return {
        "cut": RenderedTransition(),
        "fade": RenderedTransition(TransitionKind.CROSSFADE, fade, 12),
        "ai": RenderedTransition(TransitionKind.AI, ai, 24),
    }


@pytest.fixture
def three(clips) -> tuple[Clip, ...]:
    return tuple(Clip(clip.video, 48, clip.sound) for clip in (clips.low, clips.high, clips.silent))


@pytest.fixture(scope="session")
def music(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("music") / "m.mp3"
    ffmpeg("-f", "lavfi", "-i", "anoisesrc=d=2.5:c=pink:r=44100:a=0.4:seed=1", path)
    return path


@pytest.mark.parametrize(
    ("transitions", "frames"),
    [(("cut", "cut"), 144), (("ai", "fade", "fade", "cut"), 240)],
)
def test_a_film_is_its_pieces_to_the_frame(
    tmp_path, profile, three, parts, music, transitions, frames
) -> None:
    clips = tuple(islice(cycle(three), len(transitions) + 1))
    plan = CompilePlan(profile, clips, tuple(parts[name] for name in transitions))
    film = compile_film(plan, tmp_path, music=music)
    movie = read_movie(film.path)
    assert (film.frames, film.duration_seconds) == (frames, frames / 24)
    assert frame_times(film.path) == list(range(frames))
    assert movie.picture.start_seconds == 0
    assert movie.seconds == pytest.approx(frames / 24, abs=0.03)
    assert frame_hashes(film.path) == expected_hashes(plan)
    assert loudness(film.path) == pytest.approx(-16, abs=1)


def expected_hashes(plan: CompilePlan) -> list[str]:
    around = (RenderedTransition(), *plan.transitions, RenderedTransition())
    hashes: list[str] = []
    for clip, (before, after) in zip(plan.clips, pairwise(around), strict=True):
        hashes += frame_hashes(clip.video)[before.overlap : clip.frames - after.overlap]
        hashes += frame_hashes(after.video) if after.video else []
    return hashes


@pytest.mark.parametrize("fps", [25, 30])
def test_other_rates_cut_at_the_same_exact_frames(tmp_path: Path, fps: int) -> None:
    profile = Profile(width=160, height=90, fps=fps)
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        source = make_clip(tmp_path / f"{name}.mp4", fps=30)
        made.append(normalise_clip(source, tmp_path / name, profile, expected_frames=fps * 2))
    encode_crossfade(made[0].video, made[1].video, tmp_path / "j.mp4", profile)
    transition = RenderedTransition(
        TransitionKind.CROSSFADE, tmp_path / "j.mp4", profile.crossfade_frames
    )
    plan = CompilePlan(profile, tuple(Clip(c.video, fps * 2, c.sound) for c in made), (transition,))
    film = compile_film(plan, tmp_path)
    assert frame_hashes(film.path) == expected_hashes(plan)
    assert frame_times(film.path) == list(range(film.frames))


def test_no_frame_freezes_at_a_transition(tmp_path, profile, clips, parts) -> None:
    moving = tuple(Clip(clip.video, 48) for clip in (clips.low, clips.high))
    film = compile_film(CompilePlan(profile, moving, (parts["fade"],)), tmp_path)
    hashes = frame_hashes(film.path)
    assert all(one != other for one, other in pairwise(hashes))


def test_sound_stays_with_its_picture_from_first_to_last(tmp_path: Path, profile) -> None:
    click = "aevalsrc=if(between(t\\,0.5\\,0.51)\\,0.9\\,0):s=44100:d=1.1"
    source = make_clip(tmp_path / "in.mp4", seconds=1.04, fps=25, sound=click)
    made = normalise_clip(source, tmp_path, profile, expected_frames=24)
    clips = (Clip(made.video, 24, made.sound),) * 8
    plan = CompilePlan(profile, clips, (RenderedTransition(),) * 7)
    heard = sound_samples(compile_film(plan, tmp_path).path)
    loud = max(map(abs, heard)) // 2
    starts = []
    for index in range(8):
        middle = index * 48_000 + 12_000
        found = next(i for i in range(middle, middle + 24_000) if abs(heard[i]) > loud)
        starts.append(found - index * 48_000)
    assert max(starts) - min(starts) <= 200  # a tenth of a frame
    assert abs(starts[0] - 24_000) <= 500


def test_a_film_without_any_sound_has_a_silent_track(tmp_path, profile, clips) -> None:
    plan = CompilePlan(profile, (Clip(clips.silent.video, 48),))
    film = compile_film(plan, tmp_path)
    heard = sound_samples(film.path)
    assert max(map(abs, heard)) <= 1
    assert len(heard) == pytest.approx(96_000, abs=1024)


def test_music_volume_is_heard(tmp_path, profile, clips, music) -> None:
    plan = CompilePlan(profile, (Clip(clips.silent.video, 48),))
    loud, quiet, none = (
        compile_film(plan, folder(tmp_path, str(volume)), music=music, music_volume=volume).path
        for volume in (50, 10, 0)
    )
    assert loudness(loud) == pytest.approx(-16, abs=1)
    assert loudness(quiet) == pytest.approx(-30, abs=1)
    assert max(map(abs, sound_samples(none))) <= 1


def folder(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


def test_the_same_plan_gives_the_same_bytes(tmp_path, profile, three, parts, music) -> None:
    plan = CompilePlan(profile, three, (parts["fade"], parts["cut"]))
    one, other = (
        compile_film(plan, folder(tmp_path, name), music=music, title=Title("Same")).path
        for name in ("one", "other")
    )
    assert one.read_bytes() == other.read_bytes()


def test_progress_only_rises_to_one(tmp_path, profile, three) -> None:
    seen: list[float] = []
    compile_film(
        CompilePlan(profile, three, (RenderedTransition(), RenderedTransition())),
        tmp_path,
        on_progress=seen.append,
    )
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


DIES = 'case "$1" in -) ;; *) printf half > "$1" ;; esac; kill -9 $$'
"""What dies when it has begun to write."""


def test_a_compile_that_is_killed_at_any_step_can_be_done_again(
    tmp_path, profile, three, monkeypatch
) -> None:
    plan, started = CompilePlan(profile, three[:1]), 0
    command, kill_at = runner._command, 0

    def killed(arguments: Sequence[str]) -> list[str]:
        nonlocal started
        started += 1
        is_it = started == kill_at
        return ["sh", "-c", DIES, "sh", arguments[-1]] if is_it else command(arguments)

    monkeypatch.setattr(runner, "_command", killed)
    whole = compile_film(plan, folder(tmp_path, "whole")).path.read_bytes()
    steps = started
    assert steps >= 5  # the mix, its sound, the meter, the film, its pictures
    for kill_at in range(1, steps + 1):
        started, again = 0, folder(tmp_path, str(kill_at))
        with pytest.raises(Transient) as caught:
            compile_film(plan, again)
        assert caught.value.code == "media_crash"
        assert compile_film(plan, again).path.read_bytes() == whole
        assert {one.name for one in again.iterdir()} <= FILES


def test_the_index_is_in_front(tmp_path, profile, three) -> None:
    film = compile_film(CompilePlan(profile, three[:1]), tmp_path)
    data = film.path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_poster_and_contact_sheet(tmp_path, profile, three) -> None:
    film = compile_film(
        CompilePlan(profile, three, (RenderedTransition(), RenderedTransition())), tmp_path
    )
    assert picture(film.poster).size == (160, 90)
    assert difference(picture(film.poster), frame(film.path, 24)) < 4
    assert picture(film.contact_sheet).size == (2 * 320 + 12, 2 * 180 + 12)


def test_a_contact_sheet_of_many_shots_shows_the_whole_film(tmp_path) -> None:
    film, sheet = tmp_path / "film.mp4", tmp_path / "sheet.jpg"
    brighter = "geq=lum=20+4*N:cb=128:cr=128"
    shown = ["-f", "lavfi", "-i", "color=black:size=64x36:rate=12:duration=4"]
    ffmpeg(*shown, "-vf", brighter, "-c:v", "libx264", "-g", 1, "-pix_fmt", "yuv420p", film)
    render_contact_sheet(film, sheet, frames=range(48))
    tiles = picture(sheet).convert("L")
    assert tiles.size == (5 * 324 + 4, 5 * 184 + 4)
    centres = [
        tiles.getpixel((162 + 324 * column, 90 + 184 * line))
        for line in range(5)
        for column in range(5)
    ]
    assert centres == sorted(set(centres))
    assert (centres[0] < 20, centres[-1] > 200) == (True, True)


HOSTILE = "Villa Ärtö's: [0:v] %{pts} \\ 100% '; movie=/etc/passwd {\\an8} €"


def test_a_title_is_burnt_into_the_first_seconds_only(tmp_path, profile, parts) -> None:
    source = make_clip(tmp_path / "in.mp4", seconds=5, fps=24, size="320x180")
    clip = normalise_clip(source, tmp_path, profile, expected_frames=120)
    logo = tmp_path / "logo.png"
    Image.new("RGBA", (50, 50), (255, 0, 255, 255)).save(logo)
    plan = CompilePlan(profile, (Clip(clip.video, 120),))
    film = compile_film(plan, tmp_path, title=Title(HOSTILE, logo))
    hashes, plain = frame_hashes(film.path), frame_hashes(clip.video)
    assert hashes[108:] == plain[108:]
    assert not set(hashes[:108]) & set(plain[:108])
    assert difference(frame(film.path, 30), frame(clip.video, 30)) > 3
    assert difference(frame(film.path, 0), frame(clip.video, 0)) < 4
    assert difference(frame(film.path, 73), frame(clip.video, 73)) < 4
    assert frame_times(film.path) == list(range(120))


def test_a_long_title_stays_inside_the_frame() -> None:
    for profile in (Profile.of("16:9", "720p"), Profile.of("9:16", "720p")):
        card = draw_card(Title("Wordsofenormouslength" * 9 + " and more of them" * 30), profile)
        left, top, right, bottom = card.getbbox()
        assert left > 0
        assert top > profile.height / 3
        assert right < profile.width
        assert bottom < profile.height


def test_no_title_costs_nothing(tmp_path, profile, clips) -> None:
    plan = CompilePlan(profile, (Clip(clips.low.video, 48),))
    film = compile_film(plan, tmp_path, title=Title("  "))
    assert frame_hashes(film.path) == frame_hashes(clips.low.video)


def test_pieces_that_do_not_fit_are_refused_before_anything_is_made(
    tmp_path, profile, clips
) -> None:
    bigger = Profile(width=640, height=360, fps=24)
    foreign = make_clip(tmp_path / "foreign.mp4")
    for plan in (
        CompilePlan(bigger, (Clip(clips.low.video, 48),)),
        CompilePlan(profile, (Clip(clips.low.video, 47),)),
        CompilePlan(profile, (Clip(foreign, 48),)),
    ):
        with pytest.raises(MediaError) as caught:
            compile_film(plan, tmp_path)
        assert caught.value.code == "media_mismatch"
    assert not (tmp_path / "film.mp4").exists()


def test_a_path_with_quotes_is_only_a_path(tmp_path, profile, clips) -> None:
    odd = folder(tmp_path, "it's ' \\ odd") / "clip 'x'.mp4"
    odd.write_bytes(clips.low.video.read_bytes())
    film = compile_film(CompilePlan(profile, (Clip(odd, 48),)), tmp_path)
    assert film.frames == 48
    assert concat_script([], profile) == "ffconcat version 1.0\n"
