"""Scales of a site: their verification, what they say, and that what they said becomes one mass."""
