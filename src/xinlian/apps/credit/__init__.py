"""Social credit: signed credit records, shared under consent and kept in order by clocks."""
