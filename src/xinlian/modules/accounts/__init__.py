"""Assets, accounts, transfers and bank entries: where value is conserved."""
