"""All pages: the table of contents. Each file says its own addresses."""

from fastapi import APIRouter

from wastetrack.web import (
    account,
    attachments,
    audit,
    catalogues,
    claims,
    containers,
    driver_links,
    facilities,
    federating,
    filing,
    fleet,
    gate,
    home,
    joining,
    labelling,
    labels,
    ledger,
    ledgers,
    looks,
    manifests,
    organisations,
    own_factors,
    own_password,
    people,
    periodic_reports,
    permits,
    provisioning,
    records,
    signatures,
    signing,
    signing_in,
    system_keys,
    systems,
    tables,
    treatment,
)

router = APIRouter(include_in_schema=False)
router.include_router(home.router)  # /, /problems/…
router.include_router(signing_in.router)  # /sign-in, /sign-out
router.include_router(federating.router)  # /sign-in/with/…
router.include_router(account.router)  # /account
router.include_router(own_password.router)  # /account/password
router.include_router(own_factors.router)  # /account/factors, /confirm, /passkeys, /totp, /recovery-codes
router.include_router(catalogues.router)  # /codes
router.include_router(organisations.router)  # /organisations, /sites
router.include_router(facilities.router)  # /sites/…/facilities, /facilities
router.include_router(fleet.router)  # /organisations/…/vehicles, drivers, licences
router.include_router(permits.router)  # /permits
router.include_router(people.router)  # /organisations/…/people, /delegates
router.include_router(provisioning.router)  # /organisations/…/provisioning
router.include_router(joining.at_the_door)  # /join, the link of an invitation
router.include_router(joining.router)  # /join/account
router.include_router(claims.router)  # /claims
router.include_router(people.router)  # /organisations/…/people
router.include_router(systems.router)  # /systems
router.include_router(system_keys.router)  # /systems/…/secrets, jwks, keys
router.include_router(labelling.router)  # /containers/new, /weighing, /storing, /repack
router.include_router(containers.router)  # /containers
router.include_router(labels.router)  # /91/…/92/…, the address in a label's QR code
router.include_router(filing.router)  # /manifests/new, /change, /file
router.include_router(signing.router)  # /manifests/…/sign/…, /corrections
router.include_router(driver_links.making)  # /manifests/…/driver-link
router.include_router(driver_links.using)  # /d/…, for a driver without an account
router.include_router(signatures.router)  # /signing, /signed
router.include_router(manifests.router)  # /manifests
router.include_router(attachments.router)  # /manifests/…/attachments, /attachments/…
router.include_router(gate.router)  # /gate
router.include_router(treatment.router)  # /treatment
router.include_router(ledger.router)  # /ledger
router.include_router(ledgers.router)  # /ledgers
router.include_router(records.router)  # /ledgers/…/records
router.include_router(periodic_reports.router)  # /reports, /ledgers/…/reports
router.include_router(tables.router)  # /manifests.csv, /containers.csv
router.include_router(audit.router)  # /audit, /log
router.include_router(looks.router)  # /looks
