"""Books of a party: chart of accounts, vouchers, balances, ageing, and their export."""
