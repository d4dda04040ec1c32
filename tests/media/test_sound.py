import math
import wave
from array import array
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showreel.core.errors import MediaError
from showreel.media.bed import MICRO_FADE, Span, highest_sum, loop_spans, ramp, write_bed
from showreel.media.plan import SoundSpan
from showreel.media.sound import mix_film, music_target
from showreel.media.wav import read, write_silence
from tests.media.decoding import ffmpeg, sound_samples


def tone(path: Path, seconds: float, hertz: int = 440, volume: float = 0.5) -> Path:
    source = f"aevalsrc={volume}*sin(2*PI*{hertz}*t):s=48000:d={seconds}"
    form = ["-ac", 2, "-c:a", "pcm_s16le", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    ffmpeg("-f", "lavfi", "-i", source, *form, path)
    return path


def steepest(samples) -> int:
    return max(abs(b - a) for a, b in pairwise(samples))


def test_silence_is_a_real_wav(tmp_path: Path) -> None:
    write_silence(tmp_path / "s.wav", 4800)
    with wave.open(str(tmp_path / "s.wav")) as file:
        assert (file.getnframes(), file.getnchannels(), file.getframerate()) == (4800, 2, 48000)
        assert not any(file.readframes(4800))


def test_spans_are_laid_at_their_exact_samples(tmp_path: Path) -> None:
    source = tone(tmp_path / "t.wav", 1, volume=0.9)
    spans = [Span(source, 1000, 5000, 10, 10), Span(source, 20_000, 48_000, 10, 10)]
    write_bed(spans, 30_000, tmp_path / "bed.wav")
    bed = read(tmp_path / "bed.wav", 30_000)[::2]
    heard = [index for index, value in enumerate(bed) if value]
    assert len(bed) == 30_000
    assert 1000 <= heard[0] < 1005
    assert not any(bed[6000:20_000])
    assert bed[20_500:29_000] == read(source, 48_000)[::2][500:9000]


def test_a_crossfade_of_equals_keeps_its_power(tmp_path: Path) -> None:
    one, other = tone(tmp_path / "a.wav", 2, 440), tone(tmp_path / "b.wav", 2, 587)
    spans = [Span(one, 0, 96_000, 384, 24_000), Span(other, 72_000, 96_000, 24_000, 384)]
    write_bed(spans, 168_000, tmp_path / "bed.wav")
    bed = read(tmp_path / "bed.wav", 168_000)[::2]

    def power(start: int) -> float:
        return math.sqrt(sum(value * value for value in bed[start : start + 4800]) / 4800)

    assert power(82_000) == pytest.approx(power(30_000), rel=0.08)


def test_cuts_between_sounds_do_not_click(tmp_path: Path) -> None:
    one, other = tone(tmp_path / "a.wav", 1.003, 440), tone(tmp_path / "b.wav", 1, 600)
    cut = [Span(one, 0, 48_000, MICRO_FADE, MICRO_FADE), Span(other, 48_000, 48_000, 384, 384)]
    write_bed(cut, 96_000, tmp_path / "bed.wav")
    bed = read(tmp_path / "bed.wav", 96_000)[::2]
    assert steepest(bed) <= steepest(read(other, 48_000)[::2]) * 1.05


@settings(deadline=None)
@given(st.integers(24_000, 500_000), st.integers(1, 2_000_000))
def test_loops_cover_everything_without_a_gap(length: int, total: int) -> None:
    spans = list(loop_spans(Path("m.wav"), length, total))
    assert spans[0].start == 0
    assert spans[-1].start + length >= total
    assert all(b.start == a.start + length - a.fade_out for a, b in pairwise(spans))


def test_a_ramp_is_equal_power() -> None:
    rise = array("f", ramp(100).tobytes())[::2]
    assert all(a * a + b * b == pytest.approx(1) for a, b in zip(rise, rise[::-1], strict=True))


def test_music_volume_lowers_a_film_that_has_only_music() -> None:
    assert [round(music_target(volume), 1) for volume in (100, 50, 25, 5)] == [-16, -16, -22, -36]


def test_sounds_that_are_heard_at_once_are_added_up(tmp_path: Path, profile) -> None:
    def span(start: int, length: int, gain: float = 1.0, peak: float = 1.0) -> Span:
        return Span(Path("x.wav"), start, length, 0, 0, gain, peak)

    assert highest_sum([span(0, 10), span(10, 10)]) == 1
    assert highest_sum([span(0, 10), span(5, 10, gain=0.5), span(8, 1, gain=4, peak=0.25)]) == 2.5
    loud = tone(tmp_path / "loud.wav", 1, 440, volume=0.9)
    both = [SoundSpan(loud, 0, 24), SoundSpan(loud, 0, 24, gain=2.0)]
    mix = mix_film(both, 24, profile, tmp_path)
    raw = ffmpeg("-i", mix.path, "-ac", 1, "-f", "f32le", "-")
    assert max(memoryview(raw).cast("f")) == pytest.approx(2.7, rel=0.01)


def test_short_music_loops_without_clicks_and_fades_out(tmp_path: Path, profile) -> None:
    music = tmp_path / "m.mp3"
    ffmpeg("-i", tone(tmp_path / "m.wav", 3.37, 330), music)
    mix = mix_film([], 240, profile, tmp_path, music=music, music_volume=100)
    heard = sound_samples(mix.path)
    assert len(heard) == 480_000
    assert steepest(heard) <= steepest(sound_samples(music)) * 1.3
    quarter_seconds = [max(map(abs, heard[i : i + 12_000])) for i in range(0, 480_000, 12_000)]
    assert min(quarter_seconds[:32]) > 5000
    assert quarter_seconds[-1] < quarter_seconds[-4] < quarter_seconds[-8]


def test_long_music_is_cut(tmp_path: Path, profile) -> None:
    mix = mix_film([], 48, profile, tmp_path, music=tone(tmp_path / "m.wav", 10))
    assert len(sound_samples(mix.path)) == 96_000


def test_music_is_ducked_under_the_clips(tmp_path: Path, profile) -> None:
    voice, music = tone(tmp_path / "v.wav", 2, 1000), tone(tmp_path / "m.wav", 8, 100, 0.4)
    span = SoundSpan(voice, 48, 48, 0, 0)
    mix = mix_film([span], 192, profile, tmp_path, music=music, music_volume=100)
    only = ["-af", "lowpass=f=200,lowpass=f=200"]
    ffmpeg("-i", mix.path, *only, tmp_path / "low.wav")
    heard = sound_samples(tmp_path / "low.wav")
    before, during = (max(map(abs, heard[at : at + 24_000])) for at in (48_000, 144_000))
    assert during < before * 0.6


@pytest.mark.parametrize("data", [b"<html>", b"RIFF" + bytes(50)])
def test_what_is_no_music_is_refused(tmp_path: Path, profile, data: bytes) -> None:
    (tmp_path / "m.mp3").write_bytes(data)
    with pytest.raises(MediaError) as caught:
        mix_film([], 48, profile, tmp_path, music=tmp_path / "m.mp3")
    assert caught.value.code == "music_invalid"


def test_a_clip_sound_of_another_kind_is_refused(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=d=1:r=44100", tmp_path / "mono.wav")
    with pytest.raises(MediaError):
        read(tmp_path / "mono.wav", 10)
    assert read(tone(tmp_path / "t.wav", 0.1), 10_000)[-1] == array("h", [0])[0]
