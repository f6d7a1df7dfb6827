"""Style sheets, scripts and pictures under an address that names their content.

`/static/<digest>/app.css`: one digest over all files, so that relative addresses inside style sheets stay right and a
browser may keep every file for ever. A digest of an older or newer process still gets the file, but not for keeps.
"""

import hashlib
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException as AnsweredByFramework
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from wastetrack import resources

if TYPE_CHECKING:
    from pathlib import Path

_FOR_EVER = "public, max-age=31536000, immutable"
_NOT_FOR_KEEPS = "no-cache"
_DIGEST_LENGTH = 12
VENDOR = "vendor"


class Assets:
    """All files below the static and the vendor folder, found once at start-up; nothing else is ever served.

    A deployment's own outlines of maps (`outlines`) take the place of the bundled ones.
    """

    def __init__(self, outlines: "Path | None" = None) -> None:
        self._files: dict[str, Path] = {}
        folders = [("", resources.static_dir()), (f"{VENDOR}/", resources.vendor_dir())]
        if outlines is not None:
            folders.append((f"{VENDOR}/outlines/", outlines))
        for prefix, folder in folders:
            for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
                if file.is_file() and not file.name.startswith("."):
                    self._files[prefix + file.relative_to(folder).as_posix()] = file
        whole = hashlib.sha256()
        for name, file in sorted(self._files.items()):
            whole.update(name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
        self.digest = whole.hexdigest()[:_DIGEST_LENGTH]

    def has(self, name: str) -> bool:
        """Whether there is such a file; the browser libraries may be absent."""
        return name in self._files

    def address(self, name: str) -> str:
        """Where a file is served. Raises KeyError for one that is not there: a page must not name it."""
        if name not in self._files:
            raise KeyError(name)
        return f"/static/{self.digest}/{name}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve `/static/<digest>/<name>`, mounted at /static."""
        rest = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/")
        digest, _, name = rest.partition("/")
        file = self._files.get(name)
        if file is None or scope["method"] not in {"GET", "HEAD"}:
            raise AnsweredByFramework(404)
        kept = _FOR_EVER if digest == self.digest else _NOT_FOR_KEEPS
        response: Response = FileResponse(file, headers={"Cache-Control": kept})
        await response(scope, receive, send)
