"""Rule packs: conditions that a party signs, by which the ledger decides its cases."""
