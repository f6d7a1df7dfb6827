"""How the addresses of an authority's queues, regions and figures are called."""

from collections.abc import Mapping

from tests.access.sampling import Sample

_QUEUE = {"name": "storage_time"}

OF_OVERSIGHT: Mapping[str, Sample] = {
    "GET /api/v1/findings/{name}": Sample(_QUEUE),
    "GET /oversight/findings/{name}": Sample(_QUEUE),
    "GET /oversight/regions/{code}": Sample({"code": "370602"}),
    "GET /search": Sample(query="q=900-249"),
    "GET /api/v1/search": Sample(query="q=900-249"),
}
