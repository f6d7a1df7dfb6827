"""Words of loading: what a label turned out to be at the vehicle, what was said of a container without one. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from wastetrack.containers.labels import DigitalCode
from wastetrack.errors import Broken


class LoadingFound(StrEnum):
    """What was seen at the vehicle."""

    ON_LIST = "on_list"  # the label of a container of this manifest
    NOT_ON_LIST = "not_on_list"  # a label of ours, of another container
    VOID_LABEL = "void_label"  # the container got a newer label; this one is void
    UNREAD = "unread"  # the container is there and loaded, its label cannot be read
    LEFT = "left"  # the container stays behind


LOADED = frozenset({LoadingFound.ON_LIST, LoadingFound.UNREAD})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanAtPickUp:
    """A label was read at the vehicle. `scan_id` is the device's: the same scan sent twice is one scan."""

    scan_id: UUID
    manifest_id: UUID
    code: DigitalCode
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkAtPickUp:
    """Why the label of a container was not read: it cannot be, or the container stays behind."""

    mark_id: UUID
    manifest_id: UUID
    container_id: UUID
    found: LoadingFound
    reason: str


@dataclass(frozen=True, slots=True)
class LoadCount:
    """How far a load is counted."""

    on_list: int
    loaded: int
    left: int

    @property
    def missing(self) -> int:
        """Of which nobody has said anything."""
        return self.on_list - self.loaded - self.left

    @property
    def matches(self) -> bool:
        """Whether everything on the manifest is on the vehicle."""
        return self.on_list > 0 and self.loaded == self.on_list


def count_load(container_ids: Iterable[UUID], seen: Mapping[UUID, LoadingFound]) -> LoadCount:
    """What is on the list against what was seen last of each container."""
    listed = tuple(container_ids)
    loaded = sum(1 for one in listed if seen.get(one) in LOADED)
    left = sum(1 for one in listed if seen.get(one) is LoadingFound.LEFT)
    return LoadCount(len(listed), loaded, left)


def why_not_loaded(count: LoadCount) -> list[Broken]:
    """Everything that stands against driving off with this load."""
    broken: list[Broken] = []
    if count.missing:
        message = "{value} of {containers} containers are not counted yet."
        step = "Scan their labels, or say of each why not."
        facts: dict[str, object] = {"containers": count.on_list}
        broken.append(Broken("scan", "load_not_counted", message, count.missing, next_step=step, facts=facts))
    if count.left:
        message = "{value} containers stay behind, but the manifest names them."
        step = "The shipper withdraws the manifest and files it anew without them; or they are loaded after all."
        broken.append(Broken("scan", "load_left_behind", message, count.left, article="令23 art. 11", next_step=step))
    return broken
