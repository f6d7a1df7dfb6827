"""The lines of an application as fields: `items.0.waste_code` and so on, several of them left empty."""

from pydantic import BaseModel

from wastetrack.approvals.model import MOST_ITEMS, ItemWanted
from wastetrack.containers.model import Form as Matter
from wastetrack.serving.written_text import Line
from wastetrack.web.form_lines import LineTable
from wastetrack.web.reading_fields import Tonnes


class LineOfForm(BaseModel):
    """One line as typed."""

    waste_code: Line = ""
    waste_name: Line = ""
    form: Matter = Matter.SOLID
    quantity: Tonnes
    method: Line = ""

    def item(self) -> ItemWanted:
        """The line as the command wants it."""
        return ItemWanted(**dict(self))


TABLE = LineTable(
    LineOfForm, fewest=4, most=MOST_ITEMS, chosen=frozenset({"form"}), heads={"items": "items.0.waste_code"}
)
