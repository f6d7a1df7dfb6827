"""Files over HTTP: an upload as it came, a kept file as it goes out.

A kept file is handed out as what it was found to be, never guessed at (nosniff), never run (a sandbox of its own), and
everything but pictures only for download (ASVS 5.0: 3.2.1, 5.3.1, 5.4.1).
"""

import asyncio
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from wastetrack.attachments.model import LARGEST_FILE, PICTURES, MediaType, Offered
from wastetrack.attachments.queries import Attachment
from wastetrack.attachments.storing import FileStore
from wastetrack.serving.deps import settings_of

SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
_NOT_MODIFIED = 304


def store_of(request: Request) -> FileStore:
    """The store of this deployment."""
    return FileStore(settings_of(request).data_dir)


def most_bytes_of(request: Request) -> int:
    """How much one organisation may store."""
    return settings_of(request).attachments_megabytes * 1024 * 1024


async def offered(upload: UploadFile) -> Offered:
    """The file as it came, read no further than to see that it is too large."""
    content = await upload.read(LARGEST_FILE + 1)
    return Offered(upload.filename or "", upload.content_type or "", content)


async def file_answer(request: Request, row: Attachment) -> Response:
    """A kept file. Whoever has it already is asked for his right anew, and told that it has not changed."""
    tag = f'"{row.sha256}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Content-Security-Policy": SANDBOX}
    if tag in (said.strip().removeprefix("W/") for said in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=_NOT_MODIFIED, headers=headers)
    content = await asyncio.to_thread(store_of(request).get, row.sha256)
    way = "inline" if row.media_type in PICTURES else "attachment"
    headers["Content-Disposition"] = f"{way}; filename*=UTF-8''{quote(row.name, safe='')}"
    # A table in Chinese Windows' letters would be misread under another name; without one, programs look themselves.
    response = Response(content, headers=headers)
    response.headers["content-type"] = MediaType(row.media_type).value
    return response
