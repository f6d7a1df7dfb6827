"""What the files and answers of the command line are, as JSON Schema: published under schemas/."""

from dataclasses import fields
from typing import Any, Final

from wastetrack.capacity.model import WhyUnmatched
from wastetrack.capacity.shaping import BY_PERIOD, MAY_BE_NULL, NUMBERS, TABLES, WORDS

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_GRAMS: Final[dict[str, Any]] = {"type": "integer", "minimum": 0}
_NUMBER: Final[dict[str, Any]] = {"type": "number"}
_TEXT: Final[dict[str, Any]] = {"type": "string"}
_YES_NO: Final[dict[str, Any]] = {"type": "boolean"}
_WHY: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Grams unmatched by reason",
    "propertyNames": {"enum": [one.value for one in WhyUnmatched]},
    "additionalProperties": _GRAMS,
}


def _object(properties: dict[str, Any], *optional: str, about: str = "") -> dict[str, Any]:
    told = {"type": "object", "properties": properties, "required": [one for one in properties if one not in optional]}
    return {**told, "additionalProperties": False, **({"description": about} if about else {})}


def _list(items: dict[str, Any], about: str = "") -> dict[str, Any]:
    return {"type": "array", "items": items, **({"description": about} if about else {})}


def instance_schema() -> dict[str, Any]:
    """A question: tables by columns; references count rows from 0, masses are whole grams."""
    category = {"code": _TEXT, "form": _TEXT, "is_medical": _YES_NO, "max_age": {"type": ["integer", "null"]}}
    ends: list[dict[str, Any]] = [_GRAMS, _GRAMS, {"type": "number", "minimum": 0}]
    road = {"type": "array", "prefixItems": ends, "items": False, "minItems": len(ends)}
    told = {
        "title": _TEXT,
        "periods": {**_list(_TEXT, "2026-01 … for months, 2026-01-31 … for days"), "minItems": 1},
        "categories": _list(_object(category, "form", "is_medical", "max_age")),
        "reach_km": {"type": ["number", "null"], "minimum": 0, "description": "Beyond it nothing is carried"},
        "haulage": {"type": "number", "minimum": 0, "description": "Yuan a tonne and kilometre"},
        "roads": _list(road, "Two places and the kilometres by road between them"),
        **{
            name: _object({column.name: _list(_entry(column.name)) for column in fields(table)})
            for name, table in TABLES.items()
        },
    }
    whole = _object(told, "reach_km", "haulage", "roads")
    return {"$schema": _DRAFT, "title": "A question of capacity matching", **whole}


def _entry(column: str) -> dict[str, Any]:
    if column in WORDS:
        return {"type": "string", "pattern": "^[0-9]{6}$"} if column == "regions" else _TEXT
    if column in BY_PERIOD:
        return _list(_GRAMS, "One for each period")
    kind = "number" if column in NUMBERS else "integer"
    least = {} if column in ("longitude", "latitude") else {"minimum": -1 if column == "group" else 0}
    return {"type": [kind, "null"] if column in MAY_BE_NULL else kind, **least}


def matching_schema() -> dict[str, Any]:
    """What `capacity match --json` prints, and with flows what `--out` writes."""
    part = {"supply_g": _GRAMS, "unmatched_g": _GRAMS}
    figures: dict[str, Any] = {
        "scenario": {"type": "string", "description": "As it was asked; empty for the file as it is"},
        "title": _TEXT,
        "seconds": _NUMBER,
        "proven": {"type": "boolean", "description": "Whether there is no better one"},
        "cut_short": {"type": "boolean", "description": "Whether the time limit came first"},
        "least_unmatched_g": {**_GRAMS, "description": "Less cannot stay unmatched, whatever is done"},
        "supply_g": _GRAMS,
        "opening_g": {**_GRAMS, "description": "In stores before the first period"},
        "carried_g": {**_GRAMS, "description": "Residues that are carried on among it"},
        "kept_g": {**_GRAMS, "description": "In stores after the last period"},
        "unmatched_g": _GRAMS,
        "why": _WHY,
        "border_tkm": {"type": "number", "description": "Tonne-kilometres across provinces"},
        "cost": {"type": "number", "description": "Yuan: haulage, gate prices, opening"},
        "passed_nearer": _object(
            {"shipments": _GRAMS, "mass_g": _GRAMS}, about="Past a nearer plant that could have taken them"
        ),
        "opened": _list(_TEXT, "Plants that are worth opening"),
        "categories": _list(_object({"code": _TEXT, "form": _TEXT, **part, "why": _WHY})),
        "provinces": _list(_object({"province": _TEXT, **part, "out_g": _GRAMS, "in_g": _GRAMS})),
        "wrong": _list(_TEXT, "What --verify found"),
    }
    names = ("place", "category", "period", "line")
    flows = _object({**{name: _list(_TEXT) for name in names}, "mass_g": _list(_GRAMS)}, about="By ids; --out only")
    whole = _object({**figures, "flows": flows, "scenarios": _list({"$ref": "#/$defs/one"})}, *_OPTIONAL)
    return {
        "$schema": _DRAFT, "title": "A matching, in figures", **whole, "$defs": {"one": _object(figures, "wrong")},
    }  # fmt: skip


_OPTIONAL: Final = ("wrong", "flows", "scenarios")


def losses_schema() -> dict[str, Any]:
    """What `capacity without --json` prints: the worst first."""
    more = "More than with it; less than 0 where it is less"
    row = {
        "plant": _TEXT, "name": _TEXT, "unmatched_g": {"type": "integer", "description": more},
        "border_tkm": {"type": "number", "description": more}, "cost": {"type": "number", "description": more},
    }  # fmt: skip
    return {"$schema": _DRAFT, "title": "What is worse without each plant", **_list(_object(row))}


SCHEMAS: Final = {
    "capacity-instance.v1.json": instance_schema,
    "capacity-matching.v1.json": matching_schema,
    "capacity-losses.v1.json": losses_schema,
}
"""By file under schemas/."""
