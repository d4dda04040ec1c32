"""The plan of an export: the timeline in whole frames, frozen when the export is created.

Pure functions. Frames count from the film's first, which is 0; ends are exclusive:

    clip 0   |--------------------|
    clip 1                  |------------------|      the transition is what both share
    speech   |============|
    speech                  |==========|              begins with its shot
    texts     ---- ----       -----

A shot lasts as long as its row says, or longer, so that its voice-over ends before the next begins.
A transition is at most half as long as the shorter of its neighbours.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

from showreel.core.framing import Fit
from showreel.core.models import FrozenModel
from showreel.cuts.models import (
    MAX_ROW_MS,
    CutRow,
    ExportSettings,
    ExportTransitionKind,
    MusicRow,
    Quality,
    RowKind,
    TextRow,
    Timeline,
    Transition,
)
from showreel.media.profile import RATIOS, SHORT_SIDES, Codec, Preset, Profile

AdjustedBy = Literal["voice_over", "too_long"]


class CutText(FrozenModel):
    """A text with its first frame and end: of the shot `row_id`, whose dialogue it is, or the
    user's own text `text_id`.
    """

    text: str
    start: int
    end: int
    row_id: str | None = None
    text_id: str | None = None


class CutClip(FrozenModel):
    """A row's clip: a piece of exactly `frames` frames, in the export's profile.

    A video is shown from `in_ms` on, and its last frame held if it is too short; over a picture
    goes the move that `camera` asks for. The piece is encoded so that it can be cut by copying at
    `cuts`.
    """

    index: int
    row_id: str
    scene_number: int
    shot_number: int
    kind: RowKind
    key: str
    in_ms: int
    start: int
    """The film's frame at which the clip begins."""
    frames: int
    fade_in: int
    """How many frames it shares with the clip before it."""
    fade_out: int
    """How many frames it shares with the clip after it."""
    fit: Fit
    camera: str
    volume: int
    """The volume of its own sound, in percent."""

    @property
    def end(self) -> int:
        """The film's first frame after the clip."""
        return self.start + self.frames

    @property
    def cuts(self) -> tuple[int, ...]:
        """The clip's own frames at which transitions begin and end."""
        ends = {self.fade_in, self.frames - self.fade_out}
        return tuple(sorted(end for end in ends if 0 < end < self.frames))


class CutTransition(FrozenModel):
    """How clip `index` meets the next one: they share `frames` frames, none in a cut."""

    index: int
    kind: ExportTransitionKind
    frames: int


class CutSpeech(FrozenModel):
    """A voice-over: `frames` frames of it from the film's frame `start`; `volume` in percent."""

    row_id: str
    key: str
    start: int
    frames: int
    volume: int


class CutPlan(FrozenModel):
    """The plan of one export's film."""

    settings: ExportSettings
    clips: tuple[CutClip, ...]
    transitions: tuple[CutTransition, ...]
    speeches: tuple[CutSpeech, ...]
    texts: tuple[CutText, ...]
    music: MusicRow | None
    """Also None if the export has no sound."""

    @property
    def profile(self) -> Profile:
        """The format of the film and of all its pieces."""
        return profile_of(self.settings)

    @property
    def frames(self) -> int:
        """The film's exact length in frames."""
        return self.clips[-1].end if self.clips else 0

    @property
    def seconds(self) -> float:
        """The film's exact length in seconds."""
        return self.frames / self.settings.fps


class Adjusted(FrozenModel):
    """A row that is shown longer or shorter than it says, and why."""

    row_id: str
    scene_number: int
    shot_number: int
    duration_ms: int
    reason: AdjustedBy


_QUALITIES: dict[Quality, dict[Codec, tuple[Preset, int]]] = {
    "draft": {"h264": ("ultrafast", 28), "h265": ("ultrafast", 32)},
    "standard": {"h264": ("veryfast", 21), "h265": ("superfast", 25)},
    "high": {"h264": ("fast", 18), "h265": ("veryfast", 22)},
}
"""The x264 or x265 preset and rate factor (CRF) of each quality."""


def profile_of(settings: ExportSettings) -> Profile:
    """Returns the profile of an export."""
    across, down = RATIOS[settings.aspect_ratio]
    unit = SHORT_SIDES[settings.resolution] / min(across, down)
    preset, crf = _QUALITIES[settings.quality][settings.codec]
    return Profile(
        width=round(across * unit),
        height=round(down * unit),
        fps=settings.fps,
        codec=settings.codec,
        preset=preset,
        crf=crf,
    )


def make_plan(timeline: Timeline, settings: ExportSettings) -> CutPlan:
    """Returns the plan for an export of the timeline."""
    rows, fps = timeline.shown, settings.fps
    least = [max(_frames(row.duration_ms, fps), _speech_frames(row, settings)) for row in rows]
    transitions = tuple(
        _transition(index, row.transition or settings.transition, pair, fps)
        for index, (row, pair) in enumerate(zip(rows, pairwise(least), strict=False))
    )
    clips = tuple(_clips(rows, transitions, settings))
    return CutPlan(
        settings=settings,
        clips=clips,
        transitions=transitions,
        speeches=tuple(_speeches(rows, clips, settings)),
        texts=tuple(_texts(timeline, clips, settings)),
        music=_music(timeline, settings),
    )


def adjusted(timeline: Timeline, plan: CutPlan) -> Iterator[Adjusted]:
    """Yields the rows that are shown longer than they say, because of their voice-over, or shorter
    than their video, because that is longer than a shot may be.
    """
    fps = plan.settings.fps
    for row, clip in zip(timeline.shown, plan.clips, strict=True):
        reason: AdjustedBy | None = None
        if clip.frames > _frames(row.duration_ms, fps):
            reason = "voice_over"
        elif "duration_ms" not in row.edited and (row.source_ms or 0) - row.in_ms > MAX_ROW_MS:
            reason = "too_long"
        if reason is not None:
            yield Adjusted(
                row_id=row.id,
                scene_number=row.scene_number,
                shot_number=row.shot_number,
                duration_ms=round(1000 * clip.frames / fps),
                reason=reason,
            )


def _frames(milliseconds: int, fps: int) -> int:
    return max(1, round(milliseconds * fps / 1000))


def _speech_frames(row: CutRow, settings: ExportSettings) -> int:
    """Returns how many frames a row's voice-over needs, 0 if it is left out."""
    speech = row.voice_over
    if speech is None or not row.voice_volume or not settings.include_audio:
        return 0
    return math.ceil(min(speech.source_ms, MAX_ROW_MS) * settings.fps / 1000)


def _transition(
    index: int, wanted: Transition, neighbours: tuple[int, int], fps: int
) -> CutTransition:
    shared = min(round(wanted.duration_ms * fps / 1000), min(neighbours) // 2)
    if wanted.kind == "cut" or shared < 1:
        return CutTransition(index=index, kind="cut", frames=0)
    return CutTransition(index=index, kind=wanted.kind, frames=shared)


def _clips(
    rows: Sequence[CutRow], transitions: Sequence[CutTransition], settings: ExportSettings
) -> Iterator[CutClip]:
    start, shared = 0, [0, *(transition.frames for transition in transitions), 0]
    for index, (row, (before, after)) in enumerate(zip(rows, pairwise(shared), strict=False)):
        speech = _speech_frames(row, settings)
        shown = _frames(row.duration_ms, settings.fps)
        clip = CutClip(
            index=index,
            row_id=row.id,
            scene_number=row.scene_number,
            shot_number=row.shot_number,
            kind=row.kind,
            key=row.key,
            in_ms=row.in_ms,
            start=start,
            frames=max(shown, speech + after if speech else 0),
            fade_in=before,
            fade_out=after,
            fit=row.fit or settings.fit,
            camera=row.camera,
            volume=row.volume if settings.include_audio else 0,
        )
        yield clip
        start = clip.end - after


def _speeches(
    rows: Sequence[CutRow], clips: Sequence[CutClip], settings: ExportSettings
) -> Iterator[CutSpeech]:
    for row, clip in zip(rows, clips, strict=True):
        frames = _speech_frames(row, settings)
        if row.voice_over is not None and frames:
            yield CutSpeech(
                row_id=row.id,
                key=row.voice_over.key,
                start=clip.start,
                frames=frames,
                volume=row.voice_volume,
            )


def _texts(
    timeline: Timeline, clips: Sequence[CutClip], settings: ExportSettings
) -> Iterator[CutText]:
    """Yields the shots' captions, each as long as its voice-over or else its shot, then the user's
    own texts.
    """
    if settings.captions == "none":
        return
    for row, clip in zip(timeline.shown, clips, strict=True):
        if row.caption:
            end = clip.start + (_speech_frames(row, settings) or clip.frames - clip.fade_out)
            yield CutText(text=row.caption, start=clip.start, end=end, row_id=row.id)
    total = clips[-1].end if clips else 0
    for text in timeline.texts:
        shown = _own_text(text, settings.fps, total)
        if shown is not None:
            yield shown


def _own_text(text: TextRow, fps: int, total: int) -> CutText | None:
    start, end = (round(at * fps / 1000) for at in (text.start_ms, text.end_ms))
    end = min(total, max(start + 1, end))
    return CutText(text=text.text, start=start, end=end, text_id=text.id) if start < end else None


def _music(timeline: Timeline, settings: ExportSettings) -> MusicRow | None:
    if timeline.music is None or not settings.include_audio:
        return None
    if settings.music_volume is None:
        return timeline.music
    return timeline.music.model_copy(update={"volume": settings.music_volume})
