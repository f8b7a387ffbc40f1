#!/bin/sh
# Builds the consensus engine (CometBFT, one pinned version) into the project's own folder .tools/bin.
#
#   scripts/engine.sh               build it, or say what is missing and fail
#   scripts/engine.sh if-possible   the same for the tests: say loudly that it cannot, and go on
#
# Rules this file keeps:
#  1. The module and everything it needs are pinned with checksums in scripts/engine/go.sum; Go's
#     own configuration decides where modules come from, the checksums what is accepted.
#  2. Nothing is installed outside this checkout; Go itself is never installed from here.
#  3. A program that is already there in the pinned version is left alone.
set -eu
cd "$(dirname "$0")/.."

version=0.38.25
program=$PWD/.tools/bin/cometbft

say() { # Chinese, English
    printf '%s\n%s\n' "$1" "$2" >&2
}

cannot() { # why in Chinese, why in English
    if [ "$mode" = if-possible ]; then
        say "!!! $1 需要共识引擎的测试将被跳过。" "!!! $2 The tests that need the consensus engine will be skipped."
        exit 0
    fi
    say "$1" "$2"
    exit 1
}

mode=${1:-build}
case "$mode" in
build | if-possible) ;;
*)
    say "用法:scripts/engine.sh [if-possible]" "Usage: scripts/engine.sh [if-possible]"
    exit 2
    ;;
esac

if [ -x "$program" ] && [ "$("$program" version 2>/dev/null)" = "$version" ]; then
    exit 0
fi
if ! command -v go >/dev/null 2>&1; then
    cannot "没有找到 Go(1.22.11 或更高版本),无法构建共识引擎 cometbft $version。请先安装 Go,再运行 make engine。" \
        "No Go (1.22.11 or newer) was found, so the consensus engine cometbft $version cannot be built. Install Go, then run make engine."
fi
say "正在构建共识引擎 cometbft $version,需几分钟……" "Building the consensus engine cometbft $version; this takes some minutes ..."
mkdir -p .tools/bin
if ! (cd scripts/engine && GOTOOLCHAIN=local GOFLAGS="-mod=readonly -trimpath -buildvcs=false" \
    go build -o "$program.new" github.com/cometbft/cometbft/cmd/cometbft); then
    rm -f "$program.new"
    cannot "共识引擎 cometbft $version 构建失败,原因见上。" \
        "The consensus engine cometbft $version could not be built; the reason is above."
fi
mv "$program.new" "$program"
say "已就绪:$program" "Ready: $program"
