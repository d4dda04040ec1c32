"""Captions in the picture: at their frames, within margins, and readable on anything."""

from pathlib import Path

import pytest
from PIL import Image, ImageChops

from showreel.media.captions import LINE_LENGTH, draw_band, layout_of, line_width
from showreel.media.cues import Cue, InFilm, within
from showreel.media.lettering import is_letter, lines_of, missing_characters, width_of
from showreel.media.motion import render_motion
from showreel.media.moves import Move, MoveKind
from showreel.media.normalise import normalise_clip
from showreel.media.profile import RATIOS, Profile
from showreel.media.transition import encode_crossfade
from tests.media.decoding import frames, make_clip
from tests.support.captions import contrast, is_seen

WIDE = Profile(width=640, height=360, fps=12, preset="ultrafast", crf=18)
SAID = ("Żółć i gęśl, „Привет”", "said Zoë.")
CALM = Move(MoveKind.DOLLY_IN)


def drawn(tmp_path: Path, picture: Image.Image, profile: Profile, *cues: Cue, length: int = 6):
    picture.save(tmp_path / "still.png")
    film = tmp_path / "film.mp4"
    in_film = InFilm(captions=cues)
    render_motion(
        tmp_path / "still.png", film, move=CALM, frames=length, profile=profile, in_film=in_film
    )
    return frames(film)


@pytest.mark.parametrize("shape", [(640, 360), (360, 640), (360, 360)])
@pytest.mark.parametrize("behind", ["white", "black", "busy"])
def test_a_caption_can_be_read_on_any_picture(tmp_path, shape, behind) -> None:
    profile = WIDE.model_copy(update={"width": shape[0], "height": shape[1]})
    noise = Image.effect_noise(shape, 250).convert("RGB")
    picture = noise if behind == "busy" else Image.new("RGB", shape, behind)
    cues = (Cue(SAID, 0, 2), Cue(("The old house",), 0, 1, "top"))
    first, second = drawn(tmp_path, picture, profile, *cues, length=2)
    assert is_seen(first, ("The old house",), "top", profile)
    assert not is_seen(second, ("The old house",), "top", profile)
    assert contrast(first, SAID, "bottom", profile) >= 7
    assert contrast(second, SAID, "bottom", profile) >= 7


@pytest.mark.parametrize(("ratio", "margins"), [("16:9", 0.05), ("9:16", 0.11), ("1:1", 0.06)])
def test_the_longest_lines_stay_within_the_margins(ratio: str, margins: float) -> None:
    across, down = RATIOS[ratio]
    unit = 360 // min(across, down)
    profile = Profile(width=unit * across, height=unit * down, fps=12)
    for word in ("WWW ", "Å", "iiii "):
        lines = lines_of(word * 60, line_width(profile), LINE_LENGTH)
        frame = Image.new("RGB", (profile.width, profile.height))
        layout = layout_of(profile)
        for place, top in layout.tops.items():
            band = draw_band(lines[:2], layout, place)
            left, upper, right, lower = band.getbbox() or (0, 0, 0, 0)
            assert right - left < band.width
            frame.paste(band, (layout.left, top), band)
            assert top + upper >= margins * frame.height
            assert top + lower <= (1 - margins) * frame.height
        assert layout.left >= 0.05 * frame.width
        assert layout.left + layout.width <= 0.95 * frame.width


def test_cues_are_seen_at_their_frames_whatever_they_are_drawn_on(tmp_path) -> None:
    lines, later = ("One",), ("It's 100 %:", r"[0:v] \ ' %{pts} <i>")
    cues = (Cue(lines, 2, 5), Cue(later, 5, 7), Cue(("Own",), 0, 4, "top"))
    moved = drawn(tmp_path, Image.new("RGB", (640, 360), "white"), WIDE, *cues, length=9)
    source = make_clip(tmp_path / "in.mp4", fps=24, size="640x360", seconds=1)
    in_film = InFilm(captions=cues)
    made = normalise_clip(source, tmp_path, WIDE, expected_frames=9, in_film=in_film)
    for shown in (moved, frames(made.video)):
        seen = [is_seen(frame, lines, "bottom", WIDE) for frame in shown]
        assert seen == [number in {2, 3, 4} for number in range(9)]
        seen = [is_seen(frame, later, "bottom", WIDE) for frame in shown]
        assert seen == [number in {5, 6} for number in range(9)]
        seen = [is_seen(frame, ("Own",), "top", WIDE) for frame in shown]
        assert seen == [number < 4 for number in range(9)]


@pytest.mark.parametrize("kind", ["fade", "dissolve"])
def test_a_caption_over_a_transition_does_not_fade(tmp_path, kind) -> None:
    for name in ("white", "black"):
        (tmp_path / name).mkdir()
        drawn(tmp_path / name, Image.new("RGB", (640, 360), name), WIDE)
    ends = [tmp_path / name / "film.mp4" for name in ("white", "black")]
    transition, cue = tmp_path / "transition.mp4", Cue(SAID, 1, 6)
    encode_crossfade(*ends, transition, WIDE, transition=kind, frames=6, captions=(cue,))
    seen = [is_seen(frame, SAID, "bottom", WIDE) for frame in frames(transition)]
    assert seen == [False, True, True, True, True, True]


def test_of_two_texts_at_one_place_the_later_one_is_seen(tmp_path) -> None:
    cues = (Cue(("First of them",), 0, 4), Cue(("Second",), 2, 3))
    shown = drawn(tmp_path, Image.new("RGB", (640, 360)), WIDE, *cues, length=4)
    # on a black picture it is the letters that tell
    plain = drawn(tmp_path, Image.new("RGB", (640, 360)), WIDE, cues[1], length=4)
    assert max(ImageChops.difference(shown[2], plain[2]).convert("L").getextrema()) < 40


def test_what_is_seen_of_cues_in_a_part_of_the_film() -> None:
    cues = [Cue(("a",), 0, 10), Cue(("b",), 10, 20), Cue(("c",), 30, 40)]
    assert within(cues, 5, 15) == (Cue(("a",), 0, 5), Cue(("b",), 5, 10))
    assert within(cues, 20, 30) == ()
    assert within(cues, 35, 36, 3) == (Cue(("c",), 3, 4),)


def test_lines_are_few_and_even() -> None:
    text = "Nobody had called in nine years, and so she thought at first"
    assert lines_of(text, 30, 42) == [
        "Nobody had called in nine years,",
        "and so she thought at first",
    ]
    assert lines_of("- Hello.\n\n- Hi.", 30, 42) == ["- Hello.", "- Hi."]


def test_a_word_that_is_too_long_is_broken() -> None:
    parts = lines_of("a " + "Wort" * 40, 16, 42)
    assert "".join(parts).replace(" ", "") == "a" + "Wort" * 40
    assert all(width_of(line) <= 16 for line in parts)


def test_what_the_font_does_not_have() -> None:
    has = "Zażółć gęślą jaźń, съешь ещё, Ấn tượng, Ωμέγα, „…” € e\u0301 \u200b\n"
    assert missing_characters(has) == ""
    missing = missing_characters("中文 中 ♪ 😀\ufe0f שלום")
    assert missing == "中文♪😀שלום"
    assert "".join(filter(is_letter, missing)) == "中文שלום"


def test_what_is_left_out_leaves_no_gap() -> None:
    layout = layout_of(WIDE)
    plain = draw_band(("Run now",), layout, "bottom")
    assert draw_band(("Run 😀 now",), layout, "bottom").tobytes() == plain.tobytes()
    assert draw_band(("😀",), layout, "bottom").getbbox() is None
