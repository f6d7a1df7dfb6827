"""All pages: the table of contents. Each file says its own addresses."""

from fastapi import APIRouter

from wastetrack.web import (
    account,
    applications,
    approvals,
    attachments,
    audit,
    calls,
    capacity,
    capacity_notice,
    cases,
    catalogues,
    chains,
    check_findings,
    chosen_containers,
    claims,
    containers,
    contracts,
    designing,
    discrepancies,
    driver_links,
    facilities,
    federating,
    filing,
    finding_cases,
    findings,
    fleet,
    forecast,
    gate,
    gate_devices,
    helping,
    holds,
    home,
    imports,
    incidents,
    intake,
    joining,
    label_station,
    labelling,
    labels,
    leaving,
    ledger,
    ledgers,
    looks,
    manifests,
    medical,
    medical_papers,
    medical_reserve,
    medical_surges,
    mismatches,
    old_stock,
    organisations,
    oversight,
    oversight_figures,
    oversight_places,
    own_factors,
    own_password,
    papers,
    people,
    periodic_reports,
    permit_use,
    permits,
    pipes,
    plan_lists,
    planned_projects,
    plans,
    plant,
    plant_operation,
    positions,
    printing,
    provisioning,
    receivers,
    records,
    reservations,
    roads,
    run,
    run_stops,
    scales,
    searches,
    searching,
    signatures,
    signing,
    signing_in,
    signs,
    small_institutions,
    stock_takes,
    store_map,
    stores,
    system_keys,
    systems,
    tables,
    tasks,
    templates,
    treatment,
    trip_cards,
    trips,
    ward_rounds,
)

router = APIRouter(include_in_schema=False)
router.include_router(home.router)  # /, /problems/…
router.include_router(applications.router)  # /approvals/new, /approvals/…/change, /copy, /documents
router.include_router(approvals.router)  # /approvals
router.include_router(signing_in.router)  # /sign-in, /sign-out
router.include_router(federating.router)  # /sign-in/with/…
router.include_router(account.router)  # /account
router.include_router(own_password.router)  # /account/password
router.include_router(own_factors.router)  # /account/factors, /confirm, /passkeys, /totp, /recovery-codes
router.include_router(catalogues.router)  # /codes
router.include_router(organisations.router)  # /organisations, /sites
router.include_router(facilities.router)  # /sites/…/facilities, /facilities
router.include_router(plan_lists.router)  # /plans
router.include_router(plans.router)  # /plans/…, /sites/…/management-class
router.include_router(run.router)  # /run
router.include_router(run_stops.router)  # /run/stops
router.include_router(calls.router)  # /calls
router.include_router(contracts.router)  # /contracts, /contract-attachments
router.include_router(receivers.router)  # /receivers
router.include_router(reservations.router)  # /reservations
router.include_router(intake.router)  # /intake
router.include_router(fleet.router)  # /organisations/…/vehicles, drivers, licences
router.include_router(permit_use.router)  # /permit-use
router.include_router(permits.router)  # /permits
router.include_router(people.router)  # /organisations/…/people, /delegates
router.include_router(provisioning.router)  # /organisations/…/provisioning
router.include_router(joining.at_the_door)  # /join, the link of an invitation
router.include_router(joining.router)  # /join/account
router.include_router(claims.router)  # /claims
router.include_router(people.router)  # /organisations/…/people
router.include_router(systems.router)  # /systems
router.include_router(system_keys.router)  # /systems/…/secrets, jwks, keys
router.include_router(label_station.router)  # /containers/new
router.include_router(labelling.router)  # /containers/wastes, /weighing, /storing, /repack
router.include_router(leaving.router)  # /containers/leaving
router.include_router(chosen_containers.router)  # /containers/printing, /moving
router.include_router(containers.router)  # /containers
router.include_router(signs.router)  # /sites/…/signs
router.include_router(printing.router)  # /containers/…/print, /label-prints
router.include_router(labels.router)  # /91/…/92/…, the address in a label's QR code
router.include_router(filing.router)  # /manifests/new, /change, /file
router.include_router(discrepancies.router)  # /discrepancies
router.include_router(templates.router)  # /manifests/templates, /manifests/…/template
router.include_router(papers.router)  # /paper
router.include_router(pipes.router)  # /manifests/new-period, …/readings, /sites/…/meters
router.include_router(signing.router)  # /manifests/…/sign/…, /corrections
router.include_router(driver_links.making)  # /manifests/…/driver-link
router.include_router(driver_links.using)  # /d/…, for a driver without an account
router.include_router(signatures.router)  # /signing, /signed
router.include_router(manifests.router)  # /manifests
router.include_router(attachments.router)  # /manifests/…/attachments, /attachments/…
router.include_router(gate_devices.page_of_devices)  # /gate/live, which a device keeps
router.include_router(gate_devices.router)  # /gate/devices, /gate/waiting, /gate/queue-file
router.include_router(gate.router)  # /gate
router.include_router(mismatches.router)  # /gate/…/mismatch, /mismatches/…
router.include_router(incidents.router)  # /manifests/…/incident, /redirection, /incidents, /on-the-way
router.include_router(findings.router)  # /manifests/…/found
router.include_router(trips.router)  # /trips
router.include_router(plant.router)  # /plant
router.include_router(treatment.router)  # /treatment
router.include_router(scales.router)  # /scales
router.include_router(positions.router)  # /positions, /zones
router.include_router(store_map.router)  # /stores/map, /stores/moving, /stores/…/label.pdf
router.include_router(stores.router)  # /stores
router.include_router(stock_takes.router)  # /stock-takes, /sites/…/stock-takes
router.include_router(old_stock.router)  # /sites/…/opening-stock, /storage-extensions, /containers/…/recode
router.include_router(medical.router)  # /medical, /medical/wards, /medical/bags
router.include_router(medical_papers.router)  # /medical/…/card.pdf, manifest.pdf, door.pdf
router.include_router(ward_rounds.router)  # /medical/rounds
router.include_router(trip_cards.router)  # /medical/cards
router.include_router(small_institutions.router)  # /medical/institutions, /points, /emergencies
router.include_router(medical_reserve.router)  # /medical/helpers, /supplies, /emergencies/…/calls
router.include_router(medical_surges.router)  # /medical/surges
router.include_router(ledger.router)  # /ledger
router.include_router(ledgers.router)  # /ledgers
router.include_router(records.router)  # /ledgers/…/records
router.include_router(periodic_reports.router)  # /reports, /ledgers/…/reports
router.include_router(tables.router)  # /manifests.csv, /containers.csv
router.include_router(audit.router)  # /audit, /log
router.include_router(chains.router)  # /audit/chains
router.include_router(cases.router)  # /audit/chains/…/case
router.include_router(check_findings.router)  # /findings
router.include_router(finding_cases.router)  # /findings/…/case
router.include_router(holds.router)  # /holds
router.include_router(looks.router)  # /looks
router.include_router(tasks.router)  # /tasks
router.include_router(searching.router)  # /search
router.include_router(searches.router)  # /searches: saved filters, chosen columns
router.include_router(helping.router)  # /help
router.include_router(designing.router)  # /design, in development mode
router.include_router(imports.router)  # /imports
router.include_router(oversight.router)  # /oversight
router.include_router(oversight_figures.router)  # /oversight/balance, capacity, non-filers
router.include_router(oversight_places.router)  # /oversight/map, regions, companies
router.include_router(plant_operation.router)  # /capacity/operation, /outages
router.include_router(planned_projects.router)  # /capacity/projects
router.include_router(roads.router)  # /capacity/roads
router.include_router(forecast.router)  # /capacity/forecast
router.include_router(capacity_notice.router)  # /capacity/…/notice.pdf
router.include_router(capacity.router)  # /capacity
