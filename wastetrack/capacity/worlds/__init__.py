"""Made regions to match waste and capacity in: provinces to a nation, by seed."""
