"""What is false in a world, as whoever made it writes it down: tables of a folder of its own, `truth`, beside it."""

from wastetrack.extracts.columns import Table, count, grams, instant, key, text, to

SUBJECTS = ("manifest", "container", "carrier", "organisation", "site", "pair")

TRUTH = Table(
    name="truth",
    meaning="A case of fraud.",
    key=("scheme_id",),
    columns=(
        key("scheme_id", "Of the case."),
        text(
            "typology",
            "Its kind: never_arrived, clone, partial_dump, skim, …; one that is not known is told under its own name.",
            required=True,
        ),
        text("subject_kind", "What it is about.", one_of=SUBJECTS, required=True),
        text(
            "subject_id",
            "Of that, as in the records; a pair is `shipper site/carrier` or `shipper site/receiver site`.",
            required=True,
        ),
        text("entity_id", "Whose doing it is, where the subject is a manifest."),
        instant("begins_at", "What is found about an entity before is a false alarm.", required=True),
        instant("ends_at", "When it stopped.", required=True),
        grams("stolen_g", "What went where it may not; 0 where the fraud moves none.", required=True),
        grams("affected_g", "On what it was practised; weighs the case where stolen_g is 0."),
        count("manifests", "How many it touched."),
        text("parameters", "How it was done, as JSON; `share` is the part that is taken, feigned or hidden."),
    ),
)
TRUTH_MANIFESTS = Table(
    name="truth_manifests",
    meaning="A manifest that a case of fraud touched.",
    key=("scheme_id", "manifest_id", "waste_code"),
    columns=(
        to("scheme_id", "truth", "Of which case.", required=True),
        text("typology", "Its kind."),
        to("manifest_id", "manifests", "Which manifest.", required=True),
        text("waste_code", "Which of its codes."),
        instant("happened_at", "When.", required=True),
        grams("stolen_g", "What went where it may not.", required=True),
        grams("affected_g", "On what it was practised."),
    ),
)
