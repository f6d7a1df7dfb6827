"""Pages on which a camera reads labels: their content security policy lets the reader's WebAssembly run.

A page that scans shows itself through `with_camera`, and gives its script the addresses of `reader_of`.
"""

from starlette.responses import Response

from wastetrack.serving.assets import VENDOR, Assets
from wastetrack.serving.middleware import CONTENT_SECURITY_POLICY

_POLICY = CONTENT_SECURITY_POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'").replace(
    "img-src 'self' data:", "img-src 'self' data: blob:"
)
READER = f"{VENDOR}/zxing-reader.js"
WASM = f"{VENDOR}/zxing_reader.wasm"


def with_camera(response: Response) -> Response:
    """Let this page run WebAssembly; scripts still come from here alone."""
    response.headers["Content-Security-Policy"] = _POLICY
    return response


def reader_of(assets: Assets) -> dict[str, str]:
    """Where the reader of codes lies, for a page's script; empty where it was not fetched."""
    if not (assets.has(READER) and assets.has(WASM)):
        return {}
    return {"reader": assets.address(READER), "wasm": assets.address(WASM)}
