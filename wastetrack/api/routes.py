"""All of the API: the table of contents. Each file says its own addresses."""

from fastapi import APIRouter

from wastetrack.api import health, signing_in

PREFIX = "/api/v1"

router = APIRouter()
router.include_router(health.router)  # /health, /ready
router.include_router(signing_in.router, prefix=PREFIX)  # /sign-in, /sign-out, /me, /tokens
