"""What was made, treated, left over and counted, and what it took."""

from wastetrack.extracts.columns import Table, count, day, grams, instant, key, number, text, to

BATCHES = Table(
    name="batches",
    meaning="What went into a treatment together.",
    key=("batch_id",),
    month_of="treated_at",
    columns=(
        key("batch_id", "Of the batch."),
        to("site_id", "sites", "Where.", required=True),
        to("facility_id", "facilities", "In which facility."),
        text("method", "Treatment method (D10, R9, …).", required=True),
        instant("treated_at", "When it ended.", required=True),
        grams("input_g", "What went in.", required=True),
    ),
)
BATCH_INPUTS = Table(
    name="batch_inputs",
    meaning="How much of each code went into a batch.",
    key=("batch_id", "waste_code"),
    columns=(
        to("batch_id", "batches", "Which batch.", required=True),
        text("waste_code", "What.", required=True),
        grams("input_g", "How much.", required=True),
    ),
)
RESIDUES = Table(
    name="residues",
    meaning="What a batch left: waste of another code, or a product.",
    key=("residue_id",),
    columns=(
        key("residue_id", "Of the residue."),
        to("batch_id", "batches", "Of which batch.", required=True),
        text("waste_code", "Its code; null for a product."),
        grams("output_g", "How much.", required=True),
        instant("made_at", "When.", required=True),
    ),
)
READINGS = Table(
    name="readings",
    meaning="What a plant used or ran in a month.",
    key=("site_id", "month_on", "kind"),
    columns=(
        to("site_id", "sites", "Which plant.", required=True),
        day("month_on", "First day of the month.", required=True),
        text(
            "kind",
            "What was read.",
            one_of=("power", "fuel", "steam", "water", "lime", "carbon", "hours_on", "outage_hours"),
            required=True,
        ),
        number("quantity", "How much, in `unit`.", required=True, least=0),
        text("unit", "kWh, GJ, t, m3 or h.", one_of=("kWh", "GJ", "t", "m3", "h"), required=True),
    ),
)
STOCK_TAKES = Table(
    name="stock_takes",
    meaning="What was counted or measured of a code in a site's stores; the first of a site is its opening stock.",
    key=("stock_take_id", "waste_code"),
    columns=(
        key("stock_take_id", "Of the stock-take."),
        to("site_id", "sites", "Where.", required=True),
        text("waste_code", "What.", required=True),
        instant("taken_at", "When.", required=True),
        grams("measured_g", "What was found.", required=True),
        number("relative_uncertainty", "Standard uncertainty divided by the value.", least=0, most=1),
    ),
)
GENERATION = Table(
    name="generation",
    meaning="What a site entered as newly made in a month (产生台账).",
    key=("site_id", "waste_code", "month_on"),
    columns=(
        to("site_id", "sites", "Who made it.", required=True),
        text("waste_code", "What.", required=True),
        day("month_on", "First day of the month.", required=True),
        grams("generated_g", "How much.", required=True),
        count("entries", "In how many entries."),
    ),
)
ACTIVITY = Table(
    name="activity",
    meaning="How much a site worked in a month, from a source that is not its waste records.",
    key=("site_id", "month_on", "kind"),
    columns=(
        to("site_id", "sites", "Which site.", required=True),
        day("month_on", "First day of the month.", required=True),
        text(
            "kind",
            "What was measured.",
            one_of=("power", "water", "waste_water", "output", "turnover", "bed_days", "visits", "input"),
            required=True,
        ),
        number("quantity", "How much, in `unit`.", required=True, least=0),
        text("unit", "kWh, m3, t, piece, money, day or visit.", required=True),
        text("waste_code", "Of an input: what it becomes."),
        number("return_factor", "Of an input: the part of it that becomes waste.", least=0, most=10),
    ),
)
