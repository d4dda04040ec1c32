"""Title cards: Pillow draws text and logo onto a transparent picture, laid over the first seconds.

Users' texts never get into a filter graph or subtitle script, only into pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps, UnidentifiedImageError

from showreel.core.errors import MediaError
from showreel.media.lettering import FONT
from showreel.media.plan import Segment
from showreel.media.profile import BT709, Profile
from showreel.media.runner import ProcessLimits, mp4_input, run

TITLE_SECONDS = 3.0
FADE_SECONDS = 0.5
MAX_LINES = 3

_LIMITS = ProcessLimits(seconds=120, output_bytes=512 * 1024**2)


@dataclass(frozen=True)
class Title:
    """The contents of a title card; text or logo may be missing."""

    text: str | None = None
    logo: Path | None = None

    def __bool__(self) -> bool:
        return bool((self.text or "").strip() or self.logo)


def title_end(segment: Segment, sync_frames: Sequence[int], profile: Profile) -> int:
    """Returns the first sync frame after three seconds; what comes before is encoded again."""
    wanted = profile.frames(TITLE_SECONDS)
    return min((sync for sync in sync_frames if wanted <= sync < segment.end), default=segment.end)


def render_titled(segment: Segment, end: int, title: Title, destination: Path, p: Profile) -> None:
    """Encodes frames 0 to `end` of the film's first segment with the title card over them."""
    card = draw_card(title, p)
    left, top, right, bottom = card.getbbox() or (0, 0, 2, 2)
    picture = destination.resolve().with_suffix(".png")
    card.crop((left, top, right, bottom)).save(picture, compress_level=1)
    arguments = [
        *mp4_input(segment.video),
        *("-f", "png_pipe", "-framerate", str(p.fps), "-i", str(picture)),
        *("-filter_complex", title_filters(end, (left, top), p), "-map", "[titled]"),
        *p.encode_arguments(end),
        str(destination.resolve()),
    ]
    run(arguments, picture.parent, limits=_LIMITS)


def title_filters(end: int, corner: tuple[int, int], profile: Profile) -> str:
    """Shows the card, from its one picture, for three seconds or until frame `end`."""
    fade_out = min(TITLE_SECONDS, end / profile.fps) - FADE_SECONDS
    return (
        f"[1:v]format=yuva444p,loop=loop={end}:size=1,"
        f"fade=in:st=0:d={FADE_SECONDS}:alpha=1,"
        f"fade=out:st={fade_out:.4f}:d={FADE_SECONDS}:alpha=1[card];"
        f"[0:v]trim=end_frame={end}[film];"
        f"[film][card]overlay={corner[0]}:{corner[1]}:shortest=1:format=yuv420,"
        f"format=yuv420p,setsar=1,{BT709}[titled]"
    )


def draw_card(title: Title, profile: Profile) -> Image.Image:
    """Draws the card on a transparent picture of the film's size: logo above text, low down."""
    card = Image.new("RGBA", (profile.width, profile.height))
    bottom = round(profile.height * 0.86)
    if text := " ".join((title.text or "").split()):
        bottom = _draw_text(card, text, bottom)
    if title.logo is not None:
        logo = _load_logo(title.logo, (profile.width // 3, profile.height // 5))
        card.alpha_composite(logo, ((card.width - logo.width) // 2, max(0, bottom - logo.height)))
    return card


def _draw_text(card: Image.Image, text: str, bottom: int) -> int:
    """Draws white text on a soft shadow, ending at `bottom`. Returns where it begins."""
    font = ImageFont.truetype(FONT, round(min(card.size) * 0.08))
    lines = "\n".join(_wrapped(text, font, round(card.width * 0.86)))
    middle = card.width / 2
    shadow = Image.new("RGBA", card.size)
    for layer, colour in ((shadow, (0, 0, 0, 220)), (card, (255, 255, 255, 255))):
        if layer is card:
            card.alpha_composite(shadow.filter(ImageFilter.GaussianBlur(font.size / 8)))
        draw = ImageDraw.Draw(layer)
        draw.multiline_text((middle, bottom), lines, colour, font, anchor="md", align="center")
    top = ImageDraw.Draw(card).multiline_textbbox((middle, bottom), lines, font, anchor="md")[1]
    return round(top - font.size / 2)


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Returns lines of at most `width` pixels; what doesn't fit into three ends in an ellipsis."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if not lines[-1] or font.getlength(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(word)
    if len(lines) > MAX_LINES:
        lines = [*lines[: MAX_LINES - 1], f"{lines[MAX_LINES - 1]}…"]
    return [_shortened(line, font, width) for line in lines]


def _shortened(line: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """Returns a line cut to `width` pixels."""
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(f"{line}…") > width:
        line = line[:-1]
    return f"{line}…"


def _load_logo(path: Path, size: tuple[int, int]) -> Image.Image:
    """Returns the logo with its transparency, within `size`. Raises MediaError."""
    try:
        with Image.open(path) as image:
            return ImageOps.contain(ImageOps.exif_transpose(image).convert("RGBA"), size)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError) as error:
        raise MediaError("The logo can't be used", code="logo_invalid") from error
