"""Who may do what with containers: a role that grants the verb, in the organisation at whose site they stand."""

from wastetrack.auth.policy import demand_own as demand_own  # noqa: PLC0414  the name by which this room's use cases ask
