"""Where vehicles were, by files of their receivers; and the zones in which no load may stand."""
