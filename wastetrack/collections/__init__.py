"""Calls for collection: a source asks its collector to come, the collector answers, a load ends the call.

A call moves no mass and is no manifest: it says what stands ready, how much, since when, until when it may stand. Who
fetches it needs a manifest, as ever; its pick-up ends the call (migration 0043 does that in the database, so that no
door can forget it). `ordering` keeps the order in which a carrier drives to the stops of a day.
"""
