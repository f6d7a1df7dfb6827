"""Who takes part: organisations, their sites and stores, permits, vehicles and drivers."""
