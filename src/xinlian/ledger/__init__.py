"""The pure state machine: transactions, blocks, state, and how one leads to the next."""
