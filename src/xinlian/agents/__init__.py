"""Digital employees: workers with keys and mandates of their own, that prepare and report."""
