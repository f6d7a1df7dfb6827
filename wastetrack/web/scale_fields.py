"""What a scale says, beside a field for a mass: which scales of a site may be asked, and what each said last.

    page.show(…, weights=await weights_at(work, [site.id]))                             # for the form
    {% import "components/scales.html" as scale_parts with context %}                   # in its template
    {{ scale_parts.reader(weights, field="gross") }} {{ forms.text(filled, "gross", …) }}
    form = await read_off(work.session, form)                                           # before the form is a command

With script the field is filled when the scale comes to rest, or by one press; without, the newest readings are choices
beside the field.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel

from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.db.session import ReadSession
from wastetrack.scales import queries
from wastetrack.scales.model import FRESH, Reading, Verification, verification
from wastetrack.scales.queries import Scale
from wastetrack.serving.deps import ReadWork

Form = TypeVar("Form", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ScaleNow:
    """A scale that may be asked, and what it said last, if that is fresh."""

    scale: Scale
    verification: Verification
    reading: Reading | None
    age_s: int | None

    @property
    def offered(self) -> Reading | None:
        """The reading, if it may become a mass."""
        said = self.reading
        return said if said is not None and said.stable and said.used_for is None and said.gross.grams > 0 else None


async def weights_at(work: ReadWork, site_ids: Collection[UUID] | None = None) -> list[ScaleNow]:
    """The scales of one's sites (None: of all), each with its newest reading; two statements."""
    found = await queries.scales(work.session, work.actor)
    here = [one for one in found if site_ids is None or one.site_id in site_ids]
    said = await queries.newest(work.session, [one.id for one in here], since=work.at - FRESH)
    return [scale_now(one, said.get(one.id), work.at) for one in here]


def scale_now(scale: Scale, reading: Reading | None, at: datetime) -> ScaleNow:
    """A scale as it stands at that instant."""
    age = None if reading is None else max(0, int((at - reading.weighed_at).total_seconds()))
    return ScaleNow(scale, verification(scale.verified_on, scale.verified_until, legal_day(at)), reading, age)


async def read_off(session: ReadSession, form: Form) -> Form:
    """The form with the gross mass that its scale sent, where none was typed. Raises NotFound."""
    reading_id: UUID | None = getattr(form, "reading_id", None)
    if reading_id is None or getattr(form, "gross", None) is not None:
        return form
    return form.model_copy(update={"gross": (await queries.reading(session, reading_id)).gross})
