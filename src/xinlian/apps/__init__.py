"""The businesses; independent of one another."""
