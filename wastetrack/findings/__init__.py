"""What the checks found, as something that people work on: findings, runs, rules, their outcomes and precision."""
