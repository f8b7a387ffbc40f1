"""How much of the ledger a payer may use: bytes, work and state in a window, markers, due work."""
