"""Every request that this program makes to somebody else: which addresses it may go to, and how it goes there."""
