"""Supply-chain finance: electronic receivable certificates on verified trade."""
