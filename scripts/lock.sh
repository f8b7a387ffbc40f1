#!/bin/sh
# Writes the locks: exact versions with hashes for CPython 3.11 and later, on every platform.
# The lock of the tools holds the lock of the runtime, so one environment serves both.
# Arguments go to the resolver, for example --upgrade.
set -eu
cd "$(dirname "$0")/.."

compile() { # lock, groups...
    lock=$1
    shift
    .venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
        --custom-compile-command "make lock" --output-file "requirements/$lock" "$@"
}

compile runtime.txt --group build "$@"
compile dev.txt --group build --group dev --group docs --all-extras \
    --constraint requirements/runtime.txt "$@"
