"""Document roots on the ledger; bodies stay with the parties."""
