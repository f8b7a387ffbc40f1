"""The CometBFT engine: equal validators order and finalise, this process applies (ABCI 2.0)."""
