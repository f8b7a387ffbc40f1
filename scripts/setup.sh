#!/bin/sh
# Sets up what a make target needs and returns at once when it is already there.
#
#   scripts/setup.sh runtime     .venv with the locked runtime packages and this checkout
#   scripts/setup.sh dev         the same with the tools of `make test`
#   scripts/setup.sh postgres    PostgreSQL's server programs, which the tests start themselves
#
# Rules this file keeps:
#  1. Needs Python 3.11 or newer, pip and nothing else; pip's own configuration (mirrors, links,
#     certificates) decides where packages come from, the lock's hashes decide what is accepted.
#  2. A stamp is written only after a step has succeeded, so a broken set-up is taken up again.
#  3. Only root's own machine is changed beyond .venv, and only by the distribution's packages.
set -eu
cd "$(dirname "$0")/.."

venv=.venv
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_USER=0

say() { # Chinese, English
    printf '%s\n%s\n' "$1" "$2" >&2
}

fail() {
    say "$@"
    exit 1
}

runs() { # python, lowest version, version above: does it run, and is it of these versions?
    "$1" -c "import sys; sys.exit(not ($2 <= sys.version_info < $3))" >/dev/null 2>&1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        runs "$PYTHON" "(3, 11)" "(4,)" && python=$PYTHON && return
        fail "PYTHON=$PYTHON 不能运行,或版本低于 3.11。" \
            "PYTHON=$PYTHON does not run, or is older than 3.11."
    fi
    # Tested versions first; a name may exist and yet not run (version managers leave such shims).
    for below in "(3, 14)" "(4,)"; do
        for name in python3 python3.13 python3.12 python3.11 python; do
            runs "$name" "(3, 11)" "$below" && python=$name && return
        done
    done
    fail "没有找到 Python 3.11 或更高版本。请先安装(例如 Debian/Ubuntu:apt-get install python3 python3-venv),或用 PYTHON=路径 指定。" \
        "No Python 3.11 or newer was found. Install one (Debian/Ubuntu: apt-get install python3 python3-venv), or name it with PYTHON=path."
}

is_root_with_apt() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1
}

apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2 && apt-get install -y -qq "$@" >&2
}

make_venv() {
    rm -rf "$venv"
    if "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        "$python" -m venv "$venv" && return
    fi
    # Debian parts ensurepip from Python: pip outside can still fill a bare environment.
    if "$python" -m pip --python "$python" --version >/dev/null 2>&1 &&
        "$python" -m venv --without-pip "$venv" 2>/dev/null; then
        return
    fi
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if is_root_with_apt; then
        say "正在安装 python$version-venv……" "Installing python$version-venv ..."
        if apt_install "python$version-venv" || apt_install python3-venv; then
            rm -rf "$venv"
            "$python" -m venv "$venv" && return
        fi
    fi
    fail "$python 缺少 venv 模块。请安装后重试:apt-get install python$version-venv" \
        "$python lacks its venv module. Install it and try again: apt-get install python$version-venv"
}

pip_install() {
    if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        "$venv/bin/python" -m pip install --quiet "$@"
    else
        "$python" -m pip --python "$venv/bin/python" install --quiet "$@"
    fi
}

venv_works() {
    [ -f "$venv/place" ] && [ "$(cat "$venv/place")" = "$PWD" ] && runs "$venv/bin/python" "(3, 11)" "(4,)"
}

is_done() { # step, state that it should have been done for
    [ -f "$venv/$1.done" ] && [ "$(cat "$venv/$1.done")" = "$2" ]
}

set_up_venv() { # runtime | dev
    lock=$(cksum <"requirements/$1.txt")
    if venv_works && is_done "$1" "$lock"; then
        return
    fi
    find_python
    if ! venv_works; then
        make_venv
        printf '%s' "$PWD" >"$venv/place"
    fi
    say "正在安装锁定的依赖(requirements/$1.txt)……" \
        "Installing the locked packages (requirements/$1.txt) ..."
    pip_install --require-hashes --no-deps -r "requirements/$1.txt"
    link_checkout
    if [ "$1" = dev ]; then # the larger lock holds the smaller one
        cksum <requirements/runtime.txt >"$venv/runtime.done"
    fi
    printf '%s' "$lock" >"$venv/$1.done"
}

link_checkout() { # no build: a path file and the command
    site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
    printf '%s\n' "$PWD/src" >"$site/xinlian-checkout.pth"
    printf '#!%s\nfrom xinlian.cli import main\n\nmain()\n' "$PWD/$venv/bin/python" >"$venv/bin/xinlian"
    chmod +x "$venv/bin/xinlian"
}

set_up_postgres() {
    if "$venv/bin/python" tests/support/postgres.py >/dev/null; then
        return
    fi
    if is_root_with_apt; then
        say "正在安装 PostgreSQL(仅供测试)……" "Installing PostgreSQL (for the tests only) ..."
        apt_install postgresql && "$venv/bin/python" tests/support/postgres.py >/dev/null && return
    fi
    fail "测试需要 PostgreSQL 13 或更高版本的 initdb、pg_ctl 和 postgres。请安装后重试,例如 Debian/Ubuntu:sudo apt-get install postgresql;macOS:brew install postgresql。" \
        "The tests need initdb, pg_ctl and postgres of PostgreSQL 13 or newer. Install it and try again, for example Debian/Ubuntu: sudo apt-get install postgresql; macOS: brew install postgresql."
}

case "${1:-}" in
runtime | dev) set_up_venv "$1" ;;
postgres) set_up_postgres ;;
*) fail "用法:scripts/setup.sh runtime|dev|postgres" "Usage: scripts/setup.sh runtime|dev|postgres" ;;
esac
