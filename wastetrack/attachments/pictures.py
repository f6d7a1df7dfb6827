"""Pictures painted anew: only their points are kept, so place, time, camera and whatever hides behind them are gone."""

import io
import warnings

from PIL import Image, ImageOps

from wastetrack.attachments.model import MediaType
from wastetrack.errors import Broken, RuleBroken, refuse_one
from wastetrack.i18n import message

MOST_POINTS = 40_000_000
"""Forty megapixels, as 160 MB while it is painted; a phone has twelve to fifty, sent as twelve."""
_LONGEST_SIDE = 16_383
"""WebP can have no longer one."""
_FORMATS = {MediaType.PNG: "PNG", MediaType.JPEG: "JPEG", MediaType.WEBP: "WEBP"}
_QUALITY = 90


def repainted(content: bytes, media_type: MediaType) -> bytes:
    """The same picture in the same format, upright, without anything else. Raises RuleBroken at `file`."""
    kind = _FORMATS[media_type]
    try:
        with warnings.catch_warnings():
            # A picture that Pillow only warns of is one that we do not want.
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=(kind,)) as picture:
                _refuse_large(picture)
                picture.load()
                return _painted(picture, kind)
    except (OSError, ValueError, SyntaxError, Warning, EOFError, Image.DecompressionBombError) as broken:
        # Pillow's decoders say it in all of these ways; refusals of ours are none of them.
        raise _unreadable(kind) from broken


def _painted(picture: Image.Image, kind: str) -> bytes:
    upright = ImageOps.exif_transpose(picture)
    keeps_transparency = kind != "JPEG" and upright.has_transparency_data
    mode = "RGBA" if keeps_transparency else "L" if upright.mode in {"1", "L", "I;16"} else "RGB"
    clean = Image.new(mode, upright.size)
    clean.paste(upright.convert(mode))
    painted = io.BytesIO()
    if kind == "PNG":
        clean.save(painted, kind)
    else:
        clean.save(painted, kind, quality=_QUALITY)
    return painted.getvalue()


def _refuse_large(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > MOST_POINTS or max(width, height) > _LONGEST_SIDE:
        refuse_one(
            "file",
            "picture_too_large",
            message("The picture has {width} × {height} points."),
            next_step=message("Send a smaller picture: at most forty million points."),
            facts={"width": width, "height": height},
        )
    if getattr(picture, "is_animated", False):
        refuse_one(
            "file",
            "picture_moves",
            message("The picture consists of several that follow each other."),
            next_step=message("Send each as a picture of its own."),
        )


def _unreadable(kind: str) -> RuleBroken:
    return RuleBroken(
        (
            Broken(
                "file",
                "picture_unreadable",
                message("The picture is damaged: it cannot be read as {kind}."),
                next_step=message("Open it, save it anew as PNG or JPEG, and send that."),
                facts={"kind": kind},
            ),
        )
    )
