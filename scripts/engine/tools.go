//go:build tools

// Package engine pins the consensus engine that scripts/engine.sh builds.
package engine

import _ "github.com/cometbft/cometbft/cmd/cometbft"
