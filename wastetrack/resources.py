"""Where the files that travel with the product lie: in a checkout at its top, in an installed wheel in the package."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = PACKAGE.parent
_BUNDLED = PACKAGE / "bundled"


def _folder(name: str) -> Path:
    bundled = _BUNDLED / name
    return bundled if bundled.is_dir() else _CHECKOUT / name


def templates_dir() -> Path:
    """Jinja templates."""
    return _folder("templates")


def schemas_dir() -> Path:
    """JSON Schemas of everything that leaves the system."""
    return _folder("schemas")


def migrations_dir() -> Path:
    """Alembic's environment and revisions."""
    return _folder("alembic")


def static_dir() -> Path:
    """Style sheets, scripts of our own, pictures."""
    return PACKAGE / "assets" / "static"


def vendor_dir() -> Path:
    """Browser libraries fetched by lock file when the wheel was built; may be absent."""
    return PACKAGE / "assets" / "vendor"


def font_path() -> Path:
    """The Chinese font that is embedded in each PDF."""
    return PACKAGE / "assets" / "fonts" / "NotoSansSC-Regular-subset.ttf"


def locale_dir() -> Path:
    """Message catalogues, one folder per language."""
    return PACKAGE / "locale"
