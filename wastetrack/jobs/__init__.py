"""What happens without anybody asking: the sequencer of the log, and jobs by the clock."""
