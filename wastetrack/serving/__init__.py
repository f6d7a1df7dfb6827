"""What pages and API share: who is asking, the unit of work, repeated requests, refusals, headers, logs."""
