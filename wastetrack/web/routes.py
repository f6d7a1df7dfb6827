"""All pages: the table of contents. Each file says its own addresses."""

from fastapi import APIRouter

from wastetrack.web import account, home, signing_in

router = APIRouter(include_in_schema=False)
router.include_router(home.router)  # /, /problems/…
router.include_router(signing_in.router)  # /sign-in, /sign-out
router.include_router(account.router)  # /account
