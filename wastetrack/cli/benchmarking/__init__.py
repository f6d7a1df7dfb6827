"""What it costs: each figure is measured beside its bare yardstick in the same run, printed and not asserted."""
