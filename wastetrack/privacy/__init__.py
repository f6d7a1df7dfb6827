"""What the law gives persons about whom something is kept: how long it is kept, and its erasure."""
