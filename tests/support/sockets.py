"""Tests reach nothing outside this machine."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class ReachedOutside(OSError):  # noqa: N818  it says what happened
    """A test tried to connect to another machine."""


@contextmanager
def closed_door() -> Iterator[None]:
    """Refuse connections to other hosts in this process."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def connect_here(self: socket.socket, address: Any) -> None:  # noqa: ANN401  whatever the family wants
        _refuse_strangers(self, address)
        connect(self, address)

    def connect_ex_here(self: socket.socket, address: Any) -> int:  # noqa: ANN401
        _refuse_strangers(self, address)
        return connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        patch.setattr(socket.socket, "connect_ex", connect_ex_here)
        yield


def _refuse_strangers(used: socket.socket, address: Any) -> None:  # noqa: ANN401
    if used.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    host = str(address[0])
    if host in {"localhost", ""}:
        return
    try:
        local = ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ReachedOutside(f"tests stay on this machine; refused {host}")
