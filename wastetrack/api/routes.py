"""All of the API: the table of contents. Each file says its own addresses."""

from fastapi import APIRouter

from wastetrack.api import (
    account,
    catalogues,
    containers,
    corrections,
    directory,
    gate,
    health,
    labels,
    ledger,
    log,
    manifests,
    preparing,
    register,
    signing,
    signing_in,
    treatments,
)

PREFIX = "/api/v1"

router = APIRouter()
# Those asked for most come first: addresses are tried in this order.
router.include_router(gate.router, prefix=PREFIX)  # /manifests/…/scans
router.include_router(manifests.router, prefix=PREFIX)  # /manifests
router.include_router(signing.router, prefix=PREFIX)  # /manifests/…/filing, /pick-up, /receipt …
router.include_router(preparing.router, prefix=PREFIX)  # /manifests/…/pick-up/preparation …
router.include_router(containers.router, prefix=PREFIX)  # /containers
router.include_router(labels.router, prefix=PREFIX)  # /containers/…/label.pdf, /qr.svg, /qr.png, /labels.pdf
router.include_router(corrections.router, prefix=PREFIX)  # /manifests/…/corrections, /corrections/…/answer
router.include_router(treatments.router, prefix=PREFIX)  # /treatments
router.include_router(health.router)  # /health, /ready
router.include_router(signing_in.router, prefix=PREFIX)  # /sign-in, /sign-out, /me, /tokens
router.include_router(account.router, prefix=PREFIX)  # /account/sessions, /confirm, /factors, /passkeys, /totp …
router.include_router(catalogues.router, prefix=PREFIX)  # /waste-codes, /treatment-methods, /regions, /editions …
router.include_router(register.router, prefix=PREFIX)  # POST /organisations, /sites/…/stores, /permits …
router.include_router(directory.router, prefix=PREFIX)  # /organisations, /sites/…/stores, /receivers
router.include_router(ledger.router, prefix=PREFIX)  # /ledger
router.include_router(log.router, prefix=PREFIX)  # /log
