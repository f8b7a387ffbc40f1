#!/usr/bin/env bash
# Makes sure that PostgreSQL's server programs are here; the tests start a server of their own.
set -euo pipefail
find_initdb() {
  command -v initdb || ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -1
}
if [ -n "$(find_initdb)" ]; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  printf 'Installing postgresql / 正在安装 postgresql …\n' >&2
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql
  exit 0
fi
printf 'The tests need PostgreSQL server programs (Debian: apt-get install postgresql).\n' >&2
printf '测试需要 PostgreSQL 服务器程序(Debian:apt-get install postgresql)。\n' >&2
exit 1
