"""The HTTP API: thin, over a node and the read model."""

from xinlian.api.app import create_app
from xinlian.api.server import BackgroundServer, ServerRefused, Tls, serve

__all__ = ["BackgroundServer", "ServerRefused", "Tls", "create_app", "serve"]
