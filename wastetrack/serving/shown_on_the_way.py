"""Addresses of what happened on the way: looked at as a list, or by the name of the paper that it is about."""

ON_THE_WAY = (
    "/api/v1/incidents",
    "/api/v1/incidents/{incident_id}",
    "/api/v1/mismatches",
    "/api/v1/mismatches/{mismatch_id}",
    "/api/v1/trips",
    "/api/v1/trips/{trip_id}",
    "/incidents/{incident_id:uuid}",
    "/mismatches/{mismatch_id:uuid}",
    "/incidents/{incident_id:uuid}/end",
    "/incidents/{incident_id:uuid}/note",
    "/incidents/{incident_id:uuid}/replacement",
    "/mismatches/{mismatch_id:uuid}/acknowledgement",
    "/mismatches/{mismatch_id:uuid}/decision",
    "/mismatches/{mismatch_id:uuid}/note",
    "/trips/{trip_id:uuid}/arrival",
    "/trips/{trip_id:uuid}/closing",
    "/trips/new",
    "/trips/{trip_id:uuid}",
)
