"""The contract runtime: typed messages, their handlers, events, limits and due work."""
