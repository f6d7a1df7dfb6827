"""Where loaded vehicles drove and stood, seen from the lane that they had to go."""
