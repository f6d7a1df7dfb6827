"""Empty revisions in place of numbers that are not there yet, so that the others can be run."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from wastetrack import resources


@contextmanager
def bridged() -> Iterator[None]:
    """Let migrations run from a copy in which gaps between the numbers are filled."""
    source = resources.migrations_dir()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "alembic"
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
        numbers = {
            int(found.group(1))
            for file in (copy / "versions").glob("*.py")
            if (found := re.search(r'^revision(?:: str)? = "(\d+)"', file.read_text(), re.MULTILINE))
        }
        for number in set(range(1, max(numbers, default=0))) - numbers:
            previous = f'"{number - 1:04d}"' if number > 1 else "None"
            (copy / "versions" / f"gap_{number}.py").write_text(
                f'revision = "{number:04d}"\ndown_revision = {previous}\n'
                "def upgrade() -> None: pass\ndef downgrade() -> None: pass\n"
            )
        with patch.object(resources, "migrations_dir", lambda: copy):
            yield
