"""How the addresses of saved searches and chosen columns are called."""

from collections.abc import Mapping

from tests.access.sampling import Sample

_A = "/api/v1/searches"
_SEARCH = {"page": "/containers", "name": "烟台一号库", "query": "state=at_site"}
_COLUMNS = {"page": "/contracts", "columns": ["number", "state"]}
_NAME = {"name": "烟台二号库"}

OF_DESIGN: Mapping[str, Sample] = {
    f"GET {_A}/columns": Sample(query="page=/contracts"),
    f"POST {_A}": Sample(body=_SEARCH),
    f"POST {_A}/columns": Sample(body=_COLUMNS),
    f"POST {_A}/{{search_id}}": Sample(body=_NAME),
    f"POST {_A}/{{search_id}}/deletion": Sample(body={}),
    "POST /searches": Sample(form=_SEARCH),
    "POST /searches/columns": Sample(form={**_COLUMNS, "back": "/contracts"}),
    "POST /searches/{search_id:uuid}": Sample(form=_NAME),
    "POST /searches/{search_id:uuid}/deletion": Sample(form={}),
}
