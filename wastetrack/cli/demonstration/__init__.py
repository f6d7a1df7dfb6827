"""The demonstration region: invented firms in real counties of Shandong, and a year of manifests among them.

Nothing is inserted: every firm, container, manifest and batch is made by the use cases that serve real people, in the
order of a simulated year. `building.build` is the way in.
"""
