"""Fits videos to a film's shape by FFmpeg, by the rule of `core.framing`."""

from showreel.core.framing import (
    BACKDROP_BLUR_PX,
    BACKDROP_LEVEL,
    Fit,
    Framing,
    Size,
    around,
    backdrop_size,
    framing_of,
    inside,
)
from showreel.media.probe import Picture
from showreel.media.profile import Profile

VENDORS_ROUNDING = 0.04
"""Vendors' sizes are multiples of 16 or 32, and so never quite of the ratio asked for: this share
may be cropped of a video whose picture was padded already.
"""


def framing_of_video(picture: Picture, profile: Profile, fit: Fit) -> Framing:
    """Returns how a video fills the film's frame."""
    size, frame = (picture.width, picture.height), (profile.width, profile.height)
    return framing_of(size, frame, fit, tolerance=VENDORS_ROUNDING)


def fit_filters(picture: Picture, profile: Profile, fit: Fit) -> list[str]:
    """Returns the filters that bring the video to the profile's size, undistorted, and to bt709.

    Padding needs labels in a filter graph; they begin with `pad`.
    """
    size, frame = (picture.width, picture.height), (profile.width, profile.height)
    if picture.plain and size == frame:
        return [f"scale={profile.width}:{profile.height}"]
    if framing_of_video(picture, profile, fit) == "pad":
        return [*colour_filters(picture, inside(size, frame)), *_pad_filters(frame, size)]
    return [*colour_filters(picture, around(size, frame)), f"crop={frame[0]}:{frame[1]}"]


def _pad_filters(frame: Size, size: Size) -> list[str]:
    """Returns the filters that lay the video over a blurred, dimmed enlargement of itself."""
    whole, small = inside(size, frame), backdrop_size(frame)
    filling = "crop={}:{}".format(*inside(frame, whole))
    shrunk, grown = ("scale={}:{}:flags=bicubic".format(*of) for of in (small, frame))
    dim = "val*{0}+{1}*(1-{0})".format
    black, grey = dim(BACKDROP_LEVEL, 16), dim(BACKDROP_LEVEL, 128)
    blur = f"gblur=sigma={BACKDROP_BLUR_PX},lutyuv=y={black}:u={grey}:v={grey}"
    across, down = ((side - own) // 2 for side, own in zip(frame, whole, strict=True))
    return [
        "format=yuv420p",
        f"split[padfront][padback];[padback]{filling}",
        *(shrunk, blur),
        f"{grown}[padded];[padded][padfront]overlay={across}:{down}",
    ]


def colour_filters(picture: Picture, size: Size) -> list[str]:
    """Returns filters that scale to `size` and bt709, tv range; by way of RGB if needed."""
    in_range, matrix = picture.in_range_and_matrix
    given = f"scale={size[0]}:{size[1]}:in_range={in_range}:in_color_matrix={matrix}"
    made = "out_range=tv:out_color_matrix=bt709"
    if matrix == "bt709":
        return [f"{given}:{made}"]
    return [given, "format=rgb24", f"scale={made}"]
