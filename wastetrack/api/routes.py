"""All of the API: the table of contents. Each file says its own addresses."""

from fastapi import APIRouter

from wastetrack.api import (
    account,
    approvals,
    attachments,
    capacity,
    capacity_notice,
    catalogues,
    chains,
    checks,
    claims,
    collection_calls,
    containers,
    contracts,
    corrections,
    directory,
    facilities,
    findings,
    forecasts,
    gate,
    gate_devices,
    grounds,
    health,
    holds,
    imports,
    incidents,
    intake,
    invitations,
    labels,
    leaving,
    ledger,
    ledgers,
    loading,
    log,
    looks,
    manifests,
    medical_papers,
    medical_reserve,
    medical_supplies,
    medical_surges,
    mismatches,
    oauth,
    oversight,
    papers,
    periodic_reports,
    permit_use,
    pipes,
    planned_projects,
    plans,
    plant_operation,
    positions,
    preparing,
    privacy,
    receiver_offers,
    records,
    register,
    roads,
    scales,
    scim,
    searches,
    searching,
    signing,
    signing_in,
    signs,
    small_institutions,
    stock_takes,
    stores,
    system_keys,
    systems,
    tables,
    tasks,
    templates,
    treatments,
    trip_cards,
    trips,
    ward_rounds,
    wards,
)

PREFIX = "/api/v1"

router = APIRouter()
# Those asked for most come first: addresses are tried in this order.
router.include_router(gate.router, prefix=PREFIX)  # /manifests/…/scans
router.include_router(gate_devices.of_devices, prefix=PREFIX)  # /gate/pack, /gate/scans
router.include_router(gate_devices.router, prefix=PREFIX)  # /gate-devices, /gate/waiting
router.include_router(manifests.router, prefix=PREFIX)  # /manifests
router.include_router(templates.router, prefix=PREFIX)  # /manifest-templates, /manifests/foreseen
router.include_router(signing.router, prefix=PREFIX)  # /manifests/…/filing, /pick-up, /receipt …
router.include_router(preparing.router, prefix=PREFIX)  # /manifests/…/pick-up/preparation …
router.include_router(containers.router, prefix=PREFIX)  # /containers
router.include_router(leaving.router, prefix=PREFIX)  # /containers/leaving
router.include_router(signs.router, prefix=PREFIX)  # /sites/…/signs/….pdf
router.include_router(labels.prints, prefix=PREFIX)  # /label-prints and their documents
router.include_router(labels.router, prefix=PREFIX)  # /containers/…/label.pdf, /qr.svg, /qr.png, /labels.pdf
router.include_router(attachments.router, prefix=PREFIX)  # /manifests/…/attachments, /attachments/…
router.include_router(corrections.router, prefix=PREFIX)  # /manifests/…/corrections, /corrections/…/answer
router.include_router(mismatches.router, prefix=PREFIX)  # /manifests/…/mismatches, /mismatches
router.include_router(incidents.router, prefix=PREFIX)  # /manifests/…/incidents, /redirection, /incidents
router.include_router(findings.router, prefix=PREFIX)  # /manifests/…/findings
router.include_router(trips.router, prefix=PREFIX)  # /trips
router.include_router(papers.router, prefix=PREFIX)  # /reserved-numbers, /manifests/back-entries
router.include_router(pipes.router, prefix=PREFIX)  # /manifests/periods, …/readings, /sites/…/meters
router.include_router(treatments.router, prefix=PREFIX)  # /treatments
router.include_router(positions.router, prefix=PREFIX)  # /positions, /vehicles/…/positions, /vehicle-receivers, /zones
router.include_router(scales.router, prefix=PREFIX)  # /scales, /scales/…/readings
router.include_router(wards.router, prefix=PREFIX)  # /medical/wards, /scales, /bags, /register
router.include_router(ward_rounds.router, prefix=PREFIX)  # /medical/rounds
router.include_router(trip_cards.router, prefix=PREFIX)  # /medical/cards
router.include_router(medical_papers.router, prefix=PREFIX)  # /medical/…/card.pdf, manifest.pdf
router.include_router(small_institutions.router, prefix=PREFIX)  # /medical/points, /institutions, /emergencies
router.include_router(medical_reserve.router, prefix=PREFIX)  # /medical/helpers, /emergencies/…/calls
router.include_router(medical_supplies.router, prefix=PREFIX)  # /medical/supplies
router.include_router(medical_surges.router, prefix=PREFIX)  # /medical/surges
router.include_router(tables.router, prefix=PREFIX)  # /manifests.csv, /containers.csv
router.include_router(stores.router, prefix=PREFIX)  # /stores, /sites/…/opening-stock, /storage-extensions, recoding
router.include_router(stock_takes.router, prefix=PREFIX)  # /stock-takes, /sites/…/stock-takes
router.include_router(health.router)  # /health, /ready
router.include_router(signing_in.router, prefix=PREFIX)  # /sign-in, /sign-out, /me, /tokens
router.include_router(oauth.router, prefix=PREFIX)  # /oauth/token, /oauth/revoke, /oauth/introspect
router.include_router(oauth.well_known)  # /.well-known/oauth-authorization-server
router.include_router(systems.router, prefix=PREFIX)  # /systems, /members-tokens
router.include_router(system_keys.router, prefix=PREFIX)  # /system-keys
router.include_router(account.router, prefix=PREFIX)  # /account/sessions, /confirm, /factors, /passkeys, /totp …
router.include_router(catalogues.router, prefix=PREFIX)  # /waste-codes, /treatment-methods, /regions, /editions …
router.include_router(register.router, prefix=PREFIX)  # POST /organisations, /sites/…/stores, /permits …
router.include_router(directory.router, prefix=PREFIX)  # /organisations, /sites/…/stores, /receivers
router.include_router(facilities.router, prefix=PREFIX)  # /sites/…/facilities, /facilities
router.include_router(permit_use.router, prefix=PREFIX)  # /organisations/…/permit-use
router.include_router(plans.router, prefix=PREFIX)  # /plans, /sites/…/plans, /plan-filings
router.include_router(loading.router, prefix=PREFIX)  # /loads
router.include_router(collection_calls.router, prefix=PREFIX)  # /collection-calls
router.include_router(contracts.router, prefix=PREFIX)  # /contracts
router.include_router(receiver_offers.router, prefix=PREFIX)  # /receiver-offers, /reservations
router.include_router(intake.router, prefix=PREFIX)  # /sites/…/intake
router.include_router(ledger.router, prefix=PREFIX)  # /ledger
router.include_router(ledgers.router, prefix=PREFIX)  # /sites/…/ledgers
router.include_router(records.router, prefix=PREFIX)  # /sites/…/records
router.include_router(periodic_reports.router, prefix=PREFIX)  # /periodic-reports, /sites/…/reports
router.include_router(invitations.router, prefix=PREFIX)  # /organisations/…/invitations
router.include_router(claims.router, prefix=PREFIX)  # /claims
router.include_router(log.router, prefix=PREFIX)  # /log
router.include_router(looks.router, prefix=PREFIX)  # /looks
router.include_router(approvals.router, prefix=PREFIX)  # /approvals
router.include_router(grounds.router, prefix=PREFIX)  # /waste-exemptions, /general-waste-classes
router.include_router(scim.router)  # /scim/v2
router.include_router(holds.router, prefix=PREFIX)  # /holds
router.include_router(privacy.router, prefix=PREFIX)  # /me/erasure, /erasure-requests, /people/…/erasure
router.include_router(tasks.router, prefix=PREFIX)  # /tasks
router.include_router(searching.router, prefix=PREFIX)  # /search
router.include_router(searches.router, prefix=PREFIX)  # /searches
router.include_router(imports.router, prefix=PREFIX)  # /imports, /import-templates
router.include_router(chains.router, prefix=PREFIX)  # /chains
router.include_router(checks.router, prefix=PREFIX)  # /checks
router.include_router(oversight.router, prefix=PREFIX)  # /findings, /mass-balance
router.include_router(plant_operation.router, prefix=PREFIX)  # /capacity/operation, /outages, /sites/…/outages
router.include_router(planned_projects.router, prefix=PREFIX)  # /capacity/projects
router.include_router(roads.router, prefix=PREFIX)  # /capacity/roads
router.include_router(forecasts.router, prefix=PREFIX)  # /capacity/forecast
router.include_router(capacity_notice.router, prefix=PREFIX)  # /capacity/runs/…/notice.pdf
router.include_router(capacity.router, prefix=PREFIX)  # /capacity
