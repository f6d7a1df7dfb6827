"""From a form that leads to a signature to the page on which it is read and given."""

from starlette.responses import Response

from wastetrack.i18n import message
from wastetrack.manifests import acting, preparing
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.model import SignedStep
from wastetrack.serving import signers
from wastetrack.serving.deps import WriteWork
from wastetrack.web.rendering import Page


async def read_first(page: Page, work: WriteWork, asked: Asked, *, login: str = "") -> Response:
    """Prepare the step and go where its words are read; `login` names another signer on this device.

    What would be refused is refused here, at the form. A draft is thrown away at once: it is not signed.
    """
    if asked.step is SignedStep.CANCELLATION:
        row = await acting.manifest_of(work.session, work.actor, asked.step, asked.subject_id)
        if row.number is None:
            await acting.act(work.session, work.actor, asked, None, at=work.at)
            return page.go(f"/manifests/{row.id}", message("Withdrawn. Its containers are free again."))
    signer = await signers.signer_of(work.session, work.actor, asked, login, at=work.at)
    intent = await preparing.prepare(work.session, signer, asked, device=signers.device_of(work.actor), at=work.at)
    return page.go(f"/signing/{intent.id}")
