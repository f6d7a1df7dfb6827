"""Who is asking, for whom, what they may do and what they may see."""
