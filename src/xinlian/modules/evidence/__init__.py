"""Evidence: facts are graded, verdicts compare their statements, corroboration follows."""
