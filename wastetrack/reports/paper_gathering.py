"""What is known of a transfer before its paper form is filled in by hand."""

from datetime import datetime
from uuid import UUID

from wastetrack.db.session import ReadSession
from wastetrack.parties import queries as parties
from wastetrack.reports.paper_form import PaperFormFigures


async def figures_of_form(
    session: ReadSession, number: str, site_id: UUID, *, base_url: str, zone: str, at: datetime
) -> PaperFormFigures:
    """The form of a reserved number. Whoever asks has seen the number."""
    site = await parties.site(session, site_id)
    firm = await parties.organisation(session, site.organisation_id)
    return PaperFormFigures(
        number=number,
        url=f"{base_url}/paper/{number}",
        shipper=f"{firm.name}（{site.name}）",
        credit_code=firm.credit_code,
        address=site.address,
        phone=firm.contact_phone,
        printed_at=at,
        zone=zone,
    )
