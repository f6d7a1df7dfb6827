"""Addresses at which somebody looks through what he may see: the search, and an authority's figures; for shown.py."""

SEARCHES = (
    "/api/v1/findings",
    "/api/v1/findings/{name}",
    "/api/v1/mass-balance",
    "/api/v1/search",
    "/oversight/balance",
    "/oversight/balance.csv",
    "/oversight/balance.xlsx",
    "/oversight/capacity",
    "/oversight/capacity.csv",
    "/oversight/capacity.xlsx",
    "/oversight/findings/{name}",
    "/oversight/map",
    "/oversight/non-filers",
    "/oversight/non-filers.csv",
    "/oversight/non-filers.xlsx",
    "/oversight/regions/{code}",
    "/reports",
    "/search",
)
