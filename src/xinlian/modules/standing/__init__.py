"""Standing: what a party's kept and broken promises say of it, written by the ledger itself."""
