"""Addresses at which an authority looks through what the checks found; for shown.py."""

FINDINGS = (
    "/api/v1/checks/findings",
    "/api/v1/checks/findings/{finding_id}",
    "/api/v1/checks/queues",
    "/findings",
    "/findings/queues/{queue}",
    "/findings/queues/{queue}/budget",
    "/findings/{finding_id:uuid}",
    "/findings/{finding_id:uuid}/case",
    "/findings/{finding_id:uuid}/outcome",
    "/findings/{finding_id:uuid}/reopening",
    "/findings/{finding_id:uuid}/snooze",
)
RULES_AND_RUNS = (
    "/api/v1/checks/rules",
    "/api/v1/checks/runs",
    "/api/v1/checks/runs/{run_id}",
    "/findings/rules",
    "/findings/runs",
    "/findings/runs/{run_id:uuid}",
)
"""What rules can see, how often they were right, what they said: of nobody in particular."""
