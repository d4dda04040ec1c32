"""Captions of an export: dialogue and users' texts, in parts of two lines, timed in frames.

    long text      |--- part 1 ---|-- part 2 --|------ part 3 ------|
                   each as long as its share of the letters

The same parts are burnt into the picture and written to WebVTT and SubRip files.
"""

from collections.abc import Iterable, Iterator, Mapping

from showreel.cuts.plan import CutClip, CutPlan, CutText, CutTransition
from showreel.media.captions import LINE_LENGTH, LINES, line_width
from showreel.media.cues import Cue, CuePosition, within
from showreel.media.lettering import lines_of
from showreel.media.profile import Profile


def cues(plan: CutPlan) -> list[Cue]:
    """Returns the film's captions, sorted by time."""
    return _cues(plan.texts, plan.profile)


def cues_of_clip(plan: CutPlan, clip: CutClip) -> tuple[Cue, ...]:
    """Returns the captions to burn into a clip, in its own frames. Frames of its transitions have
    none: transitions burn their own, so that no caption fades.
    """
    start, end = clip.fade_in, clip.frames - clip.fade_out
    return within(_burnt(plan, clip.start, clip.end), clip.start + start, clip.start + end, start)


def cues_of_transition(plan: CutPlan, transition: CutTransition) -> tuple[Cue, ...]:
    """Returns the captions to burn into a transition, in its own frames."""
    start = plan.clips[transition.index + 1].start
    return within(_burnt(plan, start, start + transition.frames), start, start + transition.frames)


def _burnt(plan: CutPlan, start: int, end: int) -> list[Cue]:
    """Returns the captions of texts shown between two frames; none if captions aren't burnt."""
    if not plan.settings.burns_captions:
        return []
    seen = [text for text in plan.texts if text.start < end and text.end > start]
    return _cues(seen, plan.profile)


def _cues(texts: Iterable[CutText], profile: Profile) -> list[Cue]:
    found = (cue for text in texts for cue in _parts(text, profile))
    return sorted(found, key=lambda cue: (cue.start, cue.end))


def _parts(text: CutText, profile: Profile) -> Iterator[Cue]:
    """Yields the parts of a text one after the other, each at least one frame long."""
    lines = lines_of(text.text, line_width(profile), LINE_LENGTH)
    parts = [tuple(lines[at : at + LINES]) for at in range(0, len(lines), LINES)]
    parts = parts[: text.end - text.start]
    letters = sum(len(line) for part in parts for line in part)
    shown, start = 0, text.start
    for left, part in zip(range(len(parts) - 1, -1, -1), parts, strict=True):
        shown += sum(map(len, part))
        wanted = text.start + round((text.end - text.start) * shown / letters)
        end = min(max(wanted, start + 1), text.end - left)
        yield Cue(part, start, end, "bottom" if text.row_id else "top")
        start = end


_AT: Mapping[CuePosition, str] = {"bottom": "", "top": " line:0"}
"""The cue settings in WebVTT; without any, a cue is at the bottom."""


def web_vtt(plan: CutPlan) -> str:
    """Returns the captions as WebVTT, with markup escaped."""
    blocks = (
        f"{_times(cue, plan.settings.fps, '.')}{_AT[cue.place]}\n{_lines(map(_escaped, cue.lines))}"
        for cue in cues(plan)
    )
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def sub_rip(plan: CutPlan) -> str:
    """Returns the captions as SubRip."""
    blocks = (
        f"{number}\n{_times(cue, plan.settings.fps, ',')}\n{_lines(map(_without_arrow, cue.lines))}"
        for number, cue in enumerate(cues(plan), 1)
    )
    return "\n\n".join(blocks) + "\n"


def _escaped(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _without_arrow(line: str) -> str:
    """Returns the line without `-->`, which SubRip can't escape."""
    return line.replace("-->", "->")


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _times(cue: Cue, fps: int, point: str) -> str:
    return f"{_time(cue.start, fps, point)} --> {_time(cue.end, fps, point)}"


def _time(frame: int, fps: int, point: str) -> str:
    milliseconds = round(1000 * frame / fps)
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{point}{milliseconds:03d}"
