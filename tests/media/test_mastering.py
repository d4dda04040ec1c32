"""Whatever goes in, what comes out has its loudness, as a meter hears the encoded sound."""

import math
from pathlib import Path

import pytest

from showreel.media.mastering import (
    METER,
    MOST_GAIN_DECIBELS,
    TRUE_METER,
    Mix,
    gain_decibels,
    master,
    measure,
    reading,
)
from showreel.media.plan import SoundSpan
from showreel.media.profile import Profile
from showreel.media.sound import decode_sound, lay_film, mix_film
from tests.media.decoding import ffmpeg, loudness, peaks

TALK = "0.5*sin(2*PI*(300+80*sin(5*t))*t)*max(0\\,sin(2*PI*3*t))"
KNOCKS = "0.99*exp(-40*mod(t\\,0.8))*sin(2*PI*900*t)"
PEAKS = "0.99*lt(mod(t\\,1)\\,0.0005)+0.01*sin(2*PI*300*t)"
HISS = "random(0)-0.5"


def mixed(directory: Path, source: str, seconds: float, *how: object) -> Mix:
    given, decoded = directory / "in.wav", directory / "decoded.wav"
    ffmpeg("-f", "lavfi", "-i", f"aevalsrc={source}:s=48000:d={seconds}", *how, given)
    decode_sound(given, decoded, round(seconds * 48_000))
    frames = round(seconds * 24)
    profile = Profile(width=160, height=90, fps=24)
    return mix_film([SoundSpan(decoded, 0, frames)], frames, profile, directory)


@pytest.mark.parametrize(
    ("source", "seconds", "how"),
    [
        pytest.param(TALK, 3, ["-af", "volume=-38dB"], id="very quiet"),
        pytest.param(TALK, 3, ["-af", "volume=30dB"], id="overdriven"),
        pytest.param(KNOCKS, 3, [], id="mostly silence"),
        pytest.param(PEAKS, 3, [], id="short peaks"),
        pytest.param(HISS, 2, ["-af", "volume=-10dB"], id="what the encoder leaves out"),
        pytest.param(TALK, 3, ["-ar", 44_100, "-ac", 1], id="mono at 44.1 kHz"),
        pytest.param(TALK, 0.5, [], id="half a second"),
    ],
)
def test_any_sound_comes_out_at_its_loudness(
    tmp_path: Path, source: str, seconds: float, how: list[object]
) -> None:
    heard = measure(master(mixed(tmp_path, source, seconds, *how), tmp_path / "out.m4a"))
    assert heard.lufs == pytest.approx(-16, abs=0.5)
    assert heard.peak_decibels <= -1


@pytest.mark.parametrize("source", ["0", "0.0003*sin(2*PI*300*t)"])
def test_silence_stays_silent(tmp_path: Path, source: str) -> None:
    heard = measure(master(mixed(tmp_path, source, 1), tmp_path / "out.m4a"))
    assert heard.peak_decibels < -65


def test_what_is_too_short_to_have_a_loudness_keeps_its_level(tmp_path: Path) -> None:
    mix = mixed(tmp_path, "0.25*sin(2*PI*300*t)", 7 / 24)
    assert measure(master(mix, tmp_path / "out.m4a")).peak_decibels == pytest.approx(-15, abs=1)


def test_levels_can_be_kept(tmp_path: Path, clips, profile) -> None:
    mix = lay_film([SoundSpan(clips.low.sound, 0, 48)], 48, profile, tmp_path)
    before, after = map(loudness, (clips.low.sound, master(mix, tmp_path / "out.m4a")))
    assert after == pytest.approx(before, abs=0.3)


def test_gain_brings_to_the_target_and_leaves_silence_alone() -> None:
    assert gain_decibels(-23.0, -16.0) == 7.0
    assert gain_decibels(-10.0, -16.0) == -6.0
    assert gain_decibels(-59.0, -16.0) == MOST_GAIN_DECIBELS
    assert [gain_decibels(value, -16.0) for value in (-70.0, -math.inf, math.nan)] == [0.0] * 3


def test_the_last_summary_is_read() -> None:
    peak = "[Parsed_astats_1 @ 0x5] Peak level dB: -0.400000\n"
    log = f"    I:  -70.0 LUFS\n x\n    I:  -21.3 LUFS\n  LRA:\n{peak}"
    assert (reading(log).lufs, reading(log).peak_decibels) == (-21.3, -0.4)
    assert reading("nothing").lufs == -math.inf


def test_both_meters_hear_what_the_standard_s_own_meter_hears(tmp_path: Path) -> None:
    sound, between = tmp_path / "a.m4a", "0.5*sin(2*PI*12000*t+PI/4)"
    ffmpeg("-f", "lavfi", "-i", f"aevalsrc={between}|{between}:s=48000:d=2", "-b:a", "256k", sound)
    samples, true = peaks(sound)
    assert true > samples + 2
    for meter, peak in ((METER, samples), (TRUE_METER, true)):
        heard = measure(sound, meter)
        assert heard.lufs == loudness(sound)
        assert heard.peak_decibels == pytest.approx(peak, abs=0.06)
