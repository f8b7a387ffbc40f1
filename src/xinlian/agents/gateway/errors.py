"""Why a gateway does not start."""


class GatewayError(Exception):
    """A gateway cannot work as it was told to; ``reference`` is stable."""

    def __init__(self, name: str, text: str, next_step: str) -> None:
        super().__init__(text)
        self.reference = f"gateway/{name}"
        self.next_step = next_step
