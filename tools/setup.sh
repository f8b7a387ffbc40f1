#!/usr/bin/env bash
# Sets up .venv from a lock file with hashes; does nothing when the lock has not changed.
#   tools/setup.sh runtime|dev
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-runtime}
lock=requirements/$kind.txt
venv=.venv

say() { printf '%s\n' "$*" >&2; }

find_python() {
  # A name on PATH may be a shim that does not run: ask each for its version.
  for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python; do
    if "$name" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      command -v "$name"
      return
    fi
  done
  say "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11 and run make again."
  say "需要 Python 3.11 或更高版本;请安装,或用 PYTHON=/路径/python3.11 指定后重新运行 make。"
  exit 1
}

make_venv() {
  local python
  python=$(find_python)
  if "$python" -m venv "$venv" >/dev/null 2>&1; then return; fi
  rm -rf "$venv"
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing python3-venv / 正在安装 python3-venv …"
    apt-get update -qq && apt-get install -y -qq python3-venv python3-pip
    "$python" -m venv "$venv"
  else
    say "This Python has no venv module; install it (Debian: apt-get install python3-venv)."
    say "此 Python 缺少 venv 模块;请安装(Debian:apt-get install python3-venv)。"
    exit 1
  fi
}

stamp=$venv/.lock-$kind
sum=$(sha256sum "$lock" | cut -d' ' -f1)
# What dev needs contains what runtime needs.
for have in "$stamp" "$venv/.lock-dev"; do
  if [ "$kind" = runtime ] && [ "$have" = "$venv/.lock-dev" ] && [ -f "$have" ]; then exit 0; fi
  if [ -f "$have" ] && [ "$(cat "$have")" = "$sum" ]; then exit 0; fi
done
[ -x "$venv/bin/python" ] || make_venv
say "Installing the $kind packages of $lock / 正在安装依赖 …"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
printf '%s\n' "$PWD/src" >"$site/xinlian-checkout.pth"
cat >"$venv/bin/xinlian" <<SCRIPT
#!$PWD/$venv/bin/python
from xinlian.cli import main
main()
SCRIPT
chmod +x "$venv/bin/xinlian"
printf '%s' "$sum" >"$stamp"
