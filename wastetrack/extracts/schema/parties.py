"""Who there is, where, and what each may do."""

from wastetrack.extracts.columns import Table, count, day, flag, grams, instant, key, number, text, to

ORGANISATIONS = Table(
    name="organisations",
    meaning="A firm, hospital or authority: who is answerable.",
    key=("organisation_id",),
    columns=(
        key("organisation_id", "Of the organisation."),
        text("name", "As registered."),
        text("credit_code", "Unified social credit code, 18 characters (GB 32100)."),
        text("group_id", "The same for organisations of one owner, where it is known."),
        day("founded_on", "When it was registered."),
    ),
)
SITES = Table(
    name="sites",
    meaning="A place with an address at which waste is made, kept or treated.",
    key=("site_id",),
    columns=(
        key("site_id", "Of the site."),
        to("organisation_id", "organisations", "Who runs it.", required=True),
        text(
            "kind",
            "What it mainly is: makes waste, only collects and stores, or treats.",
            one_of=("generator", "intermediate", "disposer"),
            required=True,
        ),
        text("region_code", "Division of GB/T 2260, six digits."),
        text("industry", "Economic sector (GB/T 4754 or any other closed list); peers are compared within it."),
        text("address", "As registered; equal addresses are compared."),
        flag("medical", "Makes medical waste as a hospital, clinic or laboratory."),
        number("latitude", "Degrees, WGS 84.", least=-90, most=90),
        number("longitude", "Degrees, WGS 84.", least=-180, most=180),
        day("opened_on", "When it began to work."),
        text("management_class", "Class of the site (HJ 1259-2022, 4.2).", one_of=("key", "simplified", "registered")),
    ),
)
VEHICLES = Table(
    name="vehicles",
    meaning="A vehicle of a carrier.",
    key=("vehicle_id",),
    columns=(
        key("vehicle_id", "Of the vehicle."),
        to("organisation_id", "organisations", "Whose it is.", required=True),
        text("plate", "Number plate."),
        grams("rated_load_g", "What it may load by its licence."),
        day("licence_valid_from", "First day of its transport licence."),
        day("licence_valid_to", "Last day of its transport licence."),
        day("insured_to", "Last day of its insurance."),
    ),
)
PEOPLE = Table(
    name="people",
    meaning="A driver, escort, clerk or gate operator, without a name.",
    key=("person_id",),
    columns=(
        key("person_id", "Of the person."),
        to("organisation_id", "organisations", "For whom he or she works."),
        text("role", "What the person does.", one_of=("driver", "escort", "signer", "gate")),
        day("certificate_valid_from", "First day of the certificate that the work needs."),
        day("certificate_valid_to", "Last day of the certificate."),
    ),
)
SCALES = Table(
    name="scales",
    meaning="A weighing instrument.",
    key=("scale_id",),
    columns=(
        key("scale_id", "Of the scale."),
        to("site_id", "sites", "Where it stands.", required=True),
        text("kind", "What it weighs.", one_of=("truck", "platform", "other"), required=True),
        grams("division_g", "Verification scale interval e."),
        day("verified_on", "Last verification (JJG 539)."),
        day("verified_until", "Until when that verification holds."),
    ),
)
PERMITS = Table(
    name="permits",
    meaning="An operating permit for hazardous waste (危险废物经营许可证).",
    key=("permit_id",),
    columns=(
        key("permit_id", "Of the permit."),
        to("organisation_id", "organisations", "Who holds it.", required=True),
        to("site_id", "sites", "For which site.", required=True),
        text("kind", "Comprehensive, or collection alone.", one_of=("comprehensive", "collection")),
        day("valid_from", "First day.", required=True),
        day("valid_to", "Last day.", required=True),
        day("suspended_from", "First day of a suspension."),
        day("suspended_to", "Last day of a suspension."),
    ),
)
PERMIT_ITEMS = Table(
    name="permit_items",
    meaning="What a permit allows: a code or category, by methods, so much a year.",
    key=("permit_id", "pattern", "method"),
    columns=(
        to("permit_id", "permits", "Of which permit.", required=True),
        text("pattern", "A category (HW08) or one code (900-249-08).", required=True),
        text("method", "Treatment method code (D10, R9, C3, …), or * for every method.", required=True),
        grams("yearly_g", "Allowed in a calendar year; items of one pattern share it."),
    ),
)
APPROVALS = Table(
    name="approvals",
    meaning="Consent to a transfer across provinces (转移管理办法 art. 23 to 27).",
    key=("approval_id", "waste_code"),
    columns=(
        key("approval_id", "Of the approval."),
        to("shipper_site_id", "sites", "From where.", required=True),
        to("receiver_site_id", "sites", "To where.", required=True),
        text("waste_code", "What.", required=True),
        grams("quantity_g", "How much in all.", required=True),
        day("valid_from", "First day.", required=True),
        day("valid_to", "Last day.", required=True),
    ),
)
PLANS = Table(
    name="plans",
    meaning="What a site's management plan of a year foresees for a code.",
    key=("site_id", "year", "waste_code"),
    columns=(
        to("site_id", "sites", "Whose plan.", required=True),
        count("year", "Calendar year.", required=True),
        text("waste_code", "What.", required=True),
        grams("planned_g", "How much is to be made.", required=True),
    ),
)
PROCESSES = Table(
    name="processes",
    meaning="What a plant's licensed process turns into what; another change of code has no ground.",
    key=("site_id", "input_code", "output_code"),
    columns=(
        to("site_id", "sites", "Whose process.", required=True),
        text("input_code", "What goes in: a code or category.", required=True),
        text("output_code", "What may come out: a code or category.", required=True),
    ),
)
FACILITIES = Table(
    name="facilities",
    meaning="A furnace, treatment line or store of a site, with its physical limits.",
    key=("facility_id",),
    columns=(
        key("facility_id", "Of the facility."),
        to("site_id", "sites", "Where it is.", required=True),
        text("kind", "Treats or stores.", one_of=("treatment", "storage"), required=True),
        number("rated_t_per_h", "Nominal throughput, tonnes an hour.", least=0),
        grams("limit_g", "How much it may hold."),
    ),
)
ALARMS = Table(
    name="alarms",
    meaning="Findings of earlier runs: when a manifest or firm was told that it is looked into.",
    key=("alarm_id",),
    columns=(
        key("alarm_id", "Of the alarm."),
        text(
            "subject_kind",
            "What it was about.",
            one_of=("manifest", "container", "site", "organisation"),
            required=True,
        ),
        key("subject_id", "Of that."),
        instant("told_at", "When its owner could know.", required=True),
    ),
)
