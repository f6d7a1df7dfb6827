"""Stories of the region, one of each kind of transfer and duty that a year of plain manifests does not bring.

Each is a life like any other: it waits for its moments, counted back from the present, and acts through the use cases.
"""
