"""How the addresses of chains and of the packs made of them are called."""

from collections.abc import Mapping

from tests.access.sampling import Sample

_BATCH = {"of": "batch", "subject_id": "{batch}"}
_CASE = "/audit/chains/{of}/{subject_id:uuid}/case"

OF_CHAIN: Mapping[str, Sample] = {
    "GET /api/v1/chains/{of}/{subject_id}": Sample(_BATCH),
    "GET /audit/chains/{of}/{subject_id:uuid}": Sample(_BATCH),
    f"GET {_CASE}": Sample(_BATCH),
    f"POST {_CASE}": Sample(_BATCH, form={"why": "routine_inspection", "words": "例行检查"}),
}
