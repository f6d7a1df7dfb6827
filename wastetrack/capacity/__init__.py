"""Where waste can go: supply, plants and what they may take, matched; who is free today; epidemics by the day."""
