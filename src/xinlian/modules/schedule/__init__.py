"""Due work: what the ledger does by itself when its moment comes; and the simulated clock."""
