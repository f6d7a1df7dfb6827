"""A small demonstration that passes, and who signs in to it: for the scripts beside this file."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx2

ROOT: Final = Path(__file__).resolve().parent.parent
PASSWORD: Final = "lanterns along the quiet canal"  # noqa: S105  of a demonstration that passes
_SERVING: Final = re.compile(r"Serving at (\S+)")
_TOKEN: Final = re.compile(r'name="csrf_token" value="([^"]+)"')
_REQUEST: Final = re.compile(r'name="request_id" value="([^"]+)"')


@contextmanager
def demonstration(folder: Path, manifests: int = 60) -> Iterator[str]:
    """The address of a small one, which ends with us."""
    words = [sys.executable, "-m", "wastetrack.cli.main", "demo", "--data", str(folder / "demo"), "--port", "0"]
    words += ["--manifests", str(manifests), "--password", PASSWORD]
    log = folder / "demo.log"
    with log.open("wb") as told:
        server = subprocess.Popen(words, cwd=ROOT, stdout=told, stderr=told, stdin=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 300
            while not (found := _SERVING.search(log.read_text(errors="replace"))):
                if server.poll() is not None or time.monotonic() > until:
                    raise SystemExit(f"The demonstration did not start:\n{log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.5)
            yield found[1]
        finally:
            server.terminate()
            server.wait(30)


def session_of(address: str, login: str) -> tuple[str, httpx2.Client]:
    """The cookie of a person who signed in, and a client that has it."""
    client = httpx2.Client(base_url=address)
    form = client.get("/sign-in").text
    token, request = _TOKEN.search(form), _REQUEST.search(form)
    if token is None or request is None:
        raise SystemExit("The page to sign in has no form.")
    fields = {"csrf_token": token[1], "request_id": request[1], "login": login, "password": PASSWORD}
    client.post("/sign-in", data=fields)
    cookie = next((str(one.value) for one in client.cookies.jar if one.name == "wastetrack"), None)
    if cookie is None:
        raise SystemExit(f"{login} could not sign in.")
    return cookie, client


def a_manifest(client: httpx2.Client) -> str:
    """One that has gone its whole way."""
    page = client.get("/manifests?state=closed").text
    found = re.search(r'href="/manifests/([0-9a-f-]{36})"', page)
    if found is None:
        raise SystemExit("The demonstration has no closed manifest.")
    return found[1]


def a_matching(client: httpx2.Client) -> str:
    """An assessment of capacity, once its answer is there."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = re.search(r'href="/capacity/([0-9a-f-]{36})"', client.get("/capacity").text)
        if found is not None and "matching.xlsx" in client.get(f"/capacity/{found[1]}").text:
            return found[1]
        time.sleep(1)
    raise SystemExit("The demonstration has no assessment of capacity.")
