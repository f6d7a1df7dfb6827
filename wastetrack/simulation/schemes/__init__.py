"""What is false in a world: who does it, from when, how, and the truth about it."""
