"""The HTTP API: thin, over a node and the read model."""

from xinlian.api.app import HttpApp, create_app
from xinlian.api.server import BackgroundServer, ServerRefused, Tls, serve

__all__ = ["BackgroundServer", "HttpApp", "ServerRefused", "Tls", "create_app", "serve"]
