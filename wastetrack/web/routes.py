"""All pages: the table of contents. Each file says its own addresses."""

from fastapi import APIRouter

from wastetrack.web import account, catalogues, fleet, home, organisations, people, permits, signing_in

router = APIRouter(include_in_schema=False)
router.include_router(home.router)  # /, /problems/…
router.include_router(signing_in.router)  # /sign-in, /sign-out
router.include_router(account.router)  # /account
router.include_router(catalogues.router)  # /codes
router.include_router(organisations.router)  # /organisations, /sites
router.include_router(fleet.router)  # /organisations/…/vehicles, drivers, licences
router.include_router(permits.router)  # /permits
router.include_router(people.router)  # /organisations/…/people
