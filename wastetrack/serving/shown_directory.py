"""Addresses at which a firm's own directory keeps its people (SCIM, RFC 7644); for shown.py."""

DIRECTORY = (
    "/scim/v2/Groups",
    "/scim/v2/Groups/{group_id}",
    "/scim/v2/Users",
    "/scim/v2/Users/{user_id}",
)
DIRECTORY_TYPES = (
    "/scim/v2/ResourceTypes",
    "/scim/v2/ResourceTypes/{name}",
    "/scim/v2/Schemas",
    "/scim/v2/Schemas/{name}",
    "/scim/v2/ServiceProviderConfig",
)
"""What a directory may ask before it says who it is: of nobody in particular."""
