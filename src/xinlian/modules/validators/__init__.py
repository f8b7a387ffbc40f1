"""Who votes on blocks: validators, the organisations that answer for them, and their powers."""
