import random
from pathlib import Path

import pytest

from showreel.core.errors import MediaError
from showreel.media import audio_probe
from showreel.media.audio_probe import verify_sound
from tests.media.decoding import ffmpeg, make_clip

CODECS = {"mp3": ["-b:a", "128k"], "wav": [], "m4a": ["-c:a", "aac"]}
TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav", "m4a": "audio/mp4"}


def make_sound(path: Path, seconds: float = 3, *arguments: object) -> Path:
    source = f"anoisesrc=seed=1:amplitude=0.4:duration={seconds}"
    ffmpeg("-f", "lavfi", "-i", source, *CODECS[path.suffix[1:]], *arguments, path)
    return path


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sound(tmp_path_factory.mktemp("sounds") / "sound.mp3")


def changed(tmp_path: Path, data: bytes) -> Path:
    (tmp_path / "changed.mp3").write_bytes(data)
    return tmp_path / "changed.mp3"


def refused(path: Path, **wanted: object) -> str:
    with pytest.raises(MediaError) as caught:
        verify_sound(path, **wanted)  # type: ignore[arg-type]
    return caught.value.code


@pytest.mark.parametrize("kind", ["mp3", "wav", "m4a"])
def test_a_good_sound_passes_with_its_length(tmp_path: Path, kind: str) -> None:
    path = make_sound(tmp_path / f"sound.{kind}", 2.5)
    found = verify_sound(path, content_type=TYPES[kind], wanted_seconds=2.5)
    assert found.content_type == TYPES[kind]
    assert found.seconds == pytest.approx(2.5, abs=0.06)


@pytest.mark.parametrize("seconds", [0.5, 40])
def test_short_and_long_sounds_pass(tmp_path: Path, seconds: float) -> None:
    path = make_sound(tmp_path / "sound.mp3", seconds)
    found = verify_sound(path, wanted_seconds=seconds)
    assert found.seconds == pytest.approx(seconds, abs=0.06)


def test_an_mp3_without_a_table_of_its_length_passes(tmp_path: Path) -> None:
    path = make_sound(tmp_path / "plain.mp3", 3, "-write_xing", 0, "-id3v2_version", 0)
    assert verify_sound(path, wanted_seconds=3).seconds == pytest.approx(3, abs=0.06)
    varied = make_sound(tmp_path / "varied.mp3", 3, "-write_xing", 0, "-q:a", 5)
    assert verify_sound(varied, wanted_seconds=3).seconds == pytest.approx(3, abs=0.06)


def test_a_wav_that_was_streamed_claims_no_length(tmp_path: Path) -> None:
    noise = ["-f", "lavfi", "-i", "anoisesrc=duration=2:sample_rate=24000"]
    (tmp_path / "streamed.wav").write_bytes(ffmpeg(*noise, "-f", "wav", "-"))
    found = verify_sound(tmp_path / "streamed.wav", content_type="audio/wav")
    assert found.seconds == pytest.approx(2, abs=0.06)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "media_empty"),
        (b"<!doctype html><html><body>Sign in</body></html>", "media_type"),
        (b'{"detail": {"status": "quota_exceeded"}}', "media_type"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://169.254.169.254/\n", "media_type"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "media_type"),
        (b"\x00" * 5000, "media_type"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00", "media_undecodable"),
        (b"ID3" + b"<!doctype html><html></html>" * 50, "media_undecodable"),
    ],
)
def test_what_is_no_sound_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    assert refused(changed(tmp_path, data)) == code


def test_another_kind_of_sound_is_refused(tmp_path: Path, sound: Path) -> None:
    assert refused(make_sound(tmp_path / "other.wav")) == "media_type"
    assert refused(sound, content_type="audio/mp4") == "media_type"


def test_a_video_is_no_sound(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", sound="sine=440", seconds=1)
    assert refused(clip) == "media_type"
    assert refused(clip, content_type="audio/mp4") == "media_type"
    silent = make_clip(tmp_path / "silent.mp4", seconds=1)
    assert refused(silent, content_type="audio/mp4") == "media_type"


def test_a_sound_is_as_long_as_its_samples_whatever_its_header_says(tmp_path: Path) -> None:
    path = make_sound(tmp_path / "sound.m4a", 6)
    data = bytearray(path.read_bytes())
    table = data.index(b"stts") + 8  # every packet is told to last a tick
    for entry in range(int.from_bytes(data[table : table + 4])):
        at = table + 4 + 8 * entry + 4
        data[at : at + 4] = (1).to_bytes(4)
    path.write_bytes(data)
    assert verify_sound(path, content_type="audio/mp4").seconds == pytest.approx(6, abs=0.06)


def test_a_cover_picture_makes_no_video(tmp_path: Path, sound: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "color=red:size=64x64", "-frames:v", 1, tmp_path / "cover.png")
    both = ["-i", sound, "-i", tmp_path / "cover.png", "-map", "0:a", "-map", "1:v"]
    ffmpeg(*both, "-c", "copy", tmp_path / "with.mp3")
    assert verify_sound(tmp_path / "with.mp3").seconds == pytest.approx(3, abs=0.06)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.85])
def test_a_truncated_sound_is_refused(tmp_path: Path, sound: Path, share: float) -> None:
    data = sound.read_bytes()
    assert refused(changed(tmp_path, data[: int(len(data) * share)])) == "media_truncated"


def test_noise_under_a_sounds_name_is_refused(tmp_path: Path, sound: Path) -> None:
    data = sound.read_bytes()
    noise = random.Random(0).randbytes(len(data) - 32)
    assert refused(changed(tmp_path, data[:32] + noise)) in {
        "media_undecodable",
        "media_truncated",
    }


def test_a_sound_much_shorter_than_asked_is_refused(sound: Path) -> None:
    assert refused(sound, wanted_seconds=5) == "media_too_short"
    verify_sound(sound, wanted_seconds=3.4)


def test_what_is_too_long_is_refused(
    tmp_path: Path, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio_probe, "MAX_SOUND_SECONDS", 60.0)
    ffmpeg("-stream_loop", 23, "-i", sound, "-c", "copy", tmp_path / "long.mp3")
    assert refused(tmp_path / "long.mp3") == "media_too_long"


def test_a_kind_that_nobody_asks_for_is_a_mistake_of_ours(sound: Path) -> None:
    with pytest.raises(ValueError, match="image/png"):
        verify_sound(sound, content_type="image/png")
