"""Places where nobody with waste may stand."""

from wastetrack.extracts.columns import Column, Kind, Table, day, key, number, text

KINDS = (
    "protection_zone_1",
    "protection_zone_2",
    "nature_reserve_core",
    "nature_reserve",
    "red_line",
    "river",
    "other",
)

ZONES = Table(
    name="zones",
    meaning=(
        "An edge of the border of a geofence. A zone is all its edges: outer rings and holes alike are closed, and a "
        "place is inside when a line to the east crosses an odd number of edges."
    ),
    key=("zone_id", "edge"),
    columns=(
        key("zone_id", "Of the zone."),
        Column(
            name="edge",
            kind=Kind.COUNT,
            meaning="Which edge of the zone, from 1.",
            required=True,
            nullable=False,
            least=0,
        ),
        text(
            "kind",
            "First or second class protection zone of a source of drinking water, core of a nature reserve, the rest "
            "of it, ecological red line, a river of class I or II with its bank, another.",
            one_of=KINDS,
            required=True,
        ),
        text("name", "As it is called."),
        text("authority", "Who drew it."),
        day("valid_from", "From when on it is in force; null: always was."),
        day("valid_to", "Its last day; null: until further notice."),
        number("latitude", "Where the edge begins, degrees, WGS 84.", required=True, least=-90, most=90),
        number("longitude", "Where the edge begins, degrees, WGS 84.", required=True, least=-180, most=180),
        number("latitude_2", "Where it ends, degrees, WGS 84.", required=True, least=-90, most=90),
        number("longitude_2", "Where it ends, degrees, WGS 84.", required=True, least=-180, most=180),
    ),
)
