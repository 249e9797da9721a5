"""What is probably wrong with a cohort that breaks no rule, and what weakens conclusions."""
