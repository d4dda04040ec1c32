"""Pieces by content: made once, found by whoever needs the same, and made into films."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from PIL import Image

from showreel.assembly import pieces
from showreel.assembly.film import compile_spec, upload_film
from showreel.assembly.models import (
    FIRST_FRAME,
    LAST_FRAME,
    SOUND,
    VIDEO,
    FilmKeys,
    FilmSpec,
    NormalisedPiece,
    TransitionPiece,
    VideoSource,
)
from showreel.assembly.pieces import normalise
from showreel.assembly.transitions import normalise_generated, render_crossfade
from showreel.assets.service import storage
from showreel.core import aws
from showreel.core import settings as core_settings
from showreel.core.errors import MediaError, NotFound
from showreel.core.framing import Fit
from showreel.generation.service import new_job
from showreel.generation.steps.render_motion import render_clip
from showreel.media.normalise import normalise_clip
from showreel.media.profile import Profile
from showreel.music.library import TrackSource
from tests.media.decoding import ffmpeg, frame_hashes, make_clip, sound_samples
from tests.unit.generation.support import request

LOUD, SILENT, OTHER, TALL = "loud.mp4", "silent.mp4", "other.mp4", "tall.mp4"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Delivered files that all tests may use."""
    directory = tmp_path_factory.mktemp("delivered")
    make_clip(directory / LOUD, fps=30, sound="sine=330:r=48000")
    make_clip(directory / SILENT, source="testsrc")
    make_clip(directory / OTHER, source="rgbtestsrc", seconds=3)
    make_clip(directory / TALL, size="90x160")
    ffmpeg("-f", "lavfi", "-i", "anoisesrc=d=3:c=pink:r=44100:a=0.4:seed=1", directory / "m.mp3")
    Image.new("RGB", (40, 20), "red").save(directory / "logo.jpg")
    return directory


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    """One for all tests: it reads the description of S3 once."""
    return boto3.Session("test", "test", region_name="us-east-1")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, made: Path, session: boto3.Session) -> Iterator[Any]:
    """A bucket that keeps every version, with the delivered files in it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("MEDIA_BUCKET", "media-bucket")
    caches = (core_settings.settings, aws.client, storage)
    for cache in caches:
        cache.cache_clear()
    with mock_aws():
        s3 = session.resource("s3")
        bucket = s3.create_bucket(Bucket="media-bucket")
        bucket.Versioning().enable()
        for path in made.iterdir():
            bucket.upload_file(str(path), path.name)
        yield bucket
    for cache in caches:
        cache.cache_clear()


def writes(bucket: Any, key: str) -> int:
    """How often an object was written."""
    return len(list(bucket.object_versions.filter(Prefix=key)))


def files(bucket: Any, piece: NormalisedPiece) -> set[str]:
    return {Path(one.key).name for one in bucket.objects.filter(Prefix=piece.key(""))}


def clip(name: str, profile: Profile, seconds: float = 2) -> NormalisedPiece:
    return normalise(VideoSource(asset_key=name, seconds=seconds), profile)


def test_the_same_source_in_two_runs_is_normalised_once(bucket: Any, profile: Profile) -> None:
    first, second = clip(LOUD, profile), clip(LOUD, profile)
    assert first == second == NormalisedPiece(digest=first.digest, frames=48, has_sound=True)
    assert files(bucket, first) == {VIDEO, SOUND, FIRST_FRAME, LAST_FRAME}
    assert [writes(bucket, first.key(name)) for name in files(bucket, first)] == [1, 1, 1, 1]


def test_a_clip_of_the_built_in_model_is_copied_whatever_its_handles(
    bucket: Any, made: Path, tmp_path: Path
) -> None:
    model = "showreel/camera-motion"
    fields = {"catalogue_id": model, "duration_seconds": 1.25, "resolution": "720p"}
    job = new_job(request(**fields, image_key="logo.jpg", output_prefix="generation-videos"))
    render_clip(job)
    bucket.download_file(job.output_key, str(tmp_path / "made.mp4"))
    film = Profile.of("16:9", "720p")
    piece = normalise_clip(tmp_path / "made.mp4", tmp_path, film, expected_frames=30)
    assert (piece.frames, piece.copied) == (30, True)


def test_the_same_bytes_under_another_key_are_the_same_piece(bucket: Any, profile: Profile) -> None:
    bucket.copy({"Bucket": bucket.name, "Key": SILENT}, "copy.mp4")
    piece = clip(SILENT, profile)
    assert clip("copy.mp4", profile) == piece
    assert files(bucket, piece) == {VIDEO, FIRST_FRAME, LAST_FRAME}
    assert writes(bucket, piece.key(VIDEO)) == 1


def test_another_profile_length_or_source_is_another_piece(bucket: Any, profile: Profile) -> None:
    others = ({"width": 128}, {"fps": 25}, {"codec": "h265"}, {"preset": "ultrafast"}, {"crf": 30})
    made = [clip(SILENT, profile.model_copy(update=other)) for other in ({}, *others)]
    made += [clip(SILENT, profile, seconds=1), clip(LOUD, profile)]
    assert len({piece.digest for piece in made}) == len(made)
    assert all(writes(bucket, piece.key(VIDEO)) == 1 for piece in made)


def test_another_fit_is_another_piece_only_of_a_clip_of_another_shape(
    bucket: Any, profile: Profile
) -> None:
    def digests(key: str) -> list[str]:
        fits: list[Fit] = ["auto", "crop", "pad"]
        return [
            normalise(VideoSource(asset_key=key, seconds=2, fit=f), profile).digest for f in fits
        ]

    assert len(set(digests(LOUD))) == 1
    auto, crop, pad = digests(TALL)
    assert auto == pad != crop
    transitions = [normalise_generated(TALL, profile, fit).digest for fit in ("auto", "crop")]
    assert transitions[0] != transitions[1]


def test_a_piece_without_its_video_is_made_again(bucket: Any, profile: Profile) -> None:
    piece = clip(SILENT, profile)
    bucket.Object(piece.key(VIDEO)).delete()
    assert clip(SILENT, profile) == piece
    assert storage().exists(piece.key(VIDEO))


def test_a_piece_that_is_about_to_expire_is_made_again(
    bucket: Any, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    piece = clip(SILENT, profile)
    monkeypatch.setattr(pieces, "FRESH", timedelta(seconds=-1))
    assert clip(SILENT, profile) == piece
    assert writes(bucket, piece.key(VIDEO)) == 2


def test_makers_at_the_same_time_write_the_same_objects(bucket: Any, profile: Profile) -> None:
    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(clip, [LOUD] * 3, [profile] * 3))
    assert made == [made[0]] * 3
    for name in files(bucket, made[0]):
        versions = bucket.object_versions.filter(Prefix=made[0].key(name))
        assert len({version.get()["ETag"] for version in versions}) == 1


def test_what_cannot_be_used_leaves_no_piece(bucket: Any, profile: Profile) -> None:
    bucket.put_object(Key="broken.mp4", Body=b"not a video at all")
    with pytest.raises(MediaError):
        clip("broken.mp4", profile)
    with pytest.raises(NotFound):
        clip("missing.mp4", profile)
    assert not list(bucket.objects.filter(Prefix="work/"))


def test_transitions_are_made_once(bucket: Any, profile: Profile) -> None:
    one, two = clip(LOUD, profile), clip(SILENT, profile)
    made = [render_crossfade(one, two, profile), normalise_generated(OTHER, profile)]
    assert [render_crossfade(one, two, profile), normalise_generated(OTHER, profile)] == made
    assert [piece.frames for piece in made] == [12, 24]
    assert [writes(bucket, piece.key("")) for piece in made] == [1, 1]
    assert render_crossfade(two, one, profile) != made[0]
    assert clip(OTHER, profile, seconds=1).digest != made[1].digest


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_film_is_its_pieces_and_transitions_to_the_frame(
    bucket: Any, tmp_path: Path, profile: Profile, codec: str
) -> None:
    profile = profile.model_copy(update={"codec": codec})
    clips = [clip(LOUD, profile), clip(SILENT, profile), clip(LOUD, profile)]
    fade = render_crossfade(clips[0], clips[1], profile)
    generated = normalise_generated(OTHER, profile)
    joined = (TransitionPiece("crossfade", fade), TransitionPiece("generated", generated))
    shares: list[float] = []
    film = compile_spec(_spec(profile, clips, joined), tmp_path, shares.append)
    stored = upload_film(
        film, FilmKeys(film_key="f.mp4", poster_key="p.jpg", contact_sheet_key="c.jpg")
    )

    one, two, between, made = (
        frame_hashes(_local(tmp_path / "look", piece))
        for piece in (clips[0], clips[1], fade, generated)
    )
    assert frame_hashes(film.path) == one[:36] + between + two[12:] + made + one
    assert (stored.frames, stored.duration_seconds, shares[-1]) == (156, 6.5, 1.0)
    types = [storage().head(key).content_type for key in ("f.mp4", "p.jpg", "c.jpg")]
    assert types == ["video/mp4", "image/jpeg", "image/jpeg"]


def test_music_and_logo_come_from_the_bucket(bucket: Any, tmp_path: Path, profile: Profile) -> None:
    piece = clip(LOUD, profile)
    extras = {"native_audio": False, "music": TrackSource(key="m.mp3"), "logo_key": "logo.jpg"}
    film = compile_spec(_spec(profile, [piece], (), **extras), tmp_path, lambda _: None)
    assert max(map(abs, sound_samples(film.path))) > 1000
    assert frame_hashes(film.path) != frame_hashes(_local(tmp_path / "look", piece))


def test_without_its_own_sound_and_music_a_film_is_silent(
    bucket: Any, tmp_path: Path, profile: Profile
) -> None:
    spec = _spec(profile, [clip(LOUD, profile)], (), native_audio=False)
    assert not any(sound_samples(compile_spec(spec, tmp_path, lambda _: None).path))


def refused(spec: FilmSpec, directory: Path) -> str:
    with pytest.raises(MediaError) as raised:
        compile_spec(spec, directory, lambda _: None)
    return raised.value.code


def test_a_film_says_which_of_its_files_is_gone_or_broken(
    bucket: Any, tmp_path: Path, profile: Profile
) -> None:
    gone = NormalisedPiece(digest="0" * 64, frames=48)
    assert refused(_spec(profile, [gone], ()), tmp_path) == "piece_missing"
    piece = [clip(SILENT, profile)]
    for name in ("text", "head"):
        bucket.put_object(Key=name, Body=b"ID3" * 50 if name == "head" else b"no sound at all")
        spec = _spec(profile, piece, (), music=TrackSource(key=name))
        assert refused(spec, tmp_path) == "music_invalid"
    spec = _spec(profile, piece, (), music=TrackSource(key="none"))
    assert refused(spec, tmp_path) == "music_missing"
    for name, code in (("text", "logo_invalid"), ("none", "logo_missing")):
        assert refused(_spec(profile, piece, (), logo_key=name), tmp_path) == code


def _spec(
    profile: Profile,
    clips: list[NormalisedPiece],
    transitions: tuple[TransitionPiece, ...],
    *,
    native_audio: bool = True,
    music: TrackSource | None = None,
    logo_key: str | None = None,
) -> FilmSpec:
    return FilmSpec(
        profile=profile,
        pieces=tuple(clips),
        transitions=transitions,
        native_audio=native_audio,
        music=music,
        music_volume=50,
        title=None,
        logo_key=logo_key,
    )


def _local(directory: Path, piece: NormalisedPiece) -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / f"{piece.digest}.mp4"
    storage().get_file(piece.key(VIDEO), path)
    return path
