#!/usr/bin/env bash
# Builds the binary and runs every test there is; installs what is missing (Debian packages, when root).
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'USAGE'
Usage: scripts/test.sh [--filter EXPRESSION]

Builds dist/wmgwd2 and runs all tests, those of the binary in network namespaces too (they need root;
without it they are counted as skipped). Ends with a line "N passed, N failed, N skipped" and exits
with 1 when any failed.

  --filter EXPRESSION  only the tests that match, as 'dotnet test --filter' has it
USAGE
}

filter=()
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --filter)
      [ $# -ge 2 ] || { echo "test.sh: --filter needs a value; see --help" >&2; exit 2; }
      filter=(--filter "$2"); shift 2 ;;
    *) echo "test.sh: unknown argument '$1'; see --help" >&2; exit 2 ;;
  esac
done

# shellcheck source=scripts/lab-lib.sh
. scripts/lab-lib.sh
if [ "$(id -u)" = 0 ]; then
  need_packages lld iproute2 procps frr tcpdump iputils-ping iputils-arping nftables strace shellcheck systemd mandoc zsh
fi

# unpack_packages DIRECTORY PACKAGE...: supervisors and the shell that the services are tested with. Installed, some would want
# to run this machine; unpacked, they are files that nothing starts. Tests that need what can't be had are skipped.
unpack_packages() (
  directory=$1
  shift
  [ ! -e "$directory" ] || return 0
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 0
  downloads=$(mktemp -d)
  trap 'rm -rf "$downloads"' EXIT
  cd "$downloads"
  if apt-get -qq download "$@" >/dev/null 2>&1 || { apt-get -qq update && apt-get -qq download "$@"; } >/dev/null 2>&1; then
    for package in *.deb; do
      dpkg-deb -x "$package" unpacked
    done
    mkdir -p "$(dirname "$directory")"
    mv unpacked "$directory"
  else
    echo "these Debian packages can't be had: $*"
  fi
)

unpack_packages "$PWD/obj/packages/runit" runit
unpack_packages "$PWD/obj/packages/openrc" openrc librc1 libeinfo1
unpack_packages "$PWD/obj/packages/busybox" busybox-static
export PATH="$PATH:$PWD/obj/packages/runit/usr/bin:$PWD/obj/packages/openrc/sbin:$PWD/obj/packages/busybox/bin"

passed=0
failed=0
skipped=0

# Counts one check of this script.
check() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name"
  fi
}

check_binary() {
  local binary=dist/wmgwd2 kind size
  kind=$(LC_ALL=C readelf -hld "$binary")
  size=$(stat -c %s "$binary")
  echo "$binary: $size bytes"
  grep -q 'Type: *DYN' <<<"$kind" || { echo "it is not position independent"; return 1; }
  ! grep -qE 'INTERP|\(NEEDED\)' <<<"$kind" || { echo "it is not static"; return 1; }
  ! readelf -S "$binary" | grep -q '\.symtab' || { echo "it is not stripped"; return 1; }
  [ "$size" -le 7000000 ] || { echo "it is larger than 7 MB"; return 1; }
}

check_scripts() {
  if ! command -v shellcheck >/dev/null; then
    echo "shellcheck is missing: the scripts are not checked"
    skipped=$((skipped + 1))
    passed=$((passed - 1))
    return 0
  fi
  shellcheck -x build.sh scripts/*.sh scripts/completion/wmgwd2.bash scripts/debian/p* .ci/run &&
    find scripts/service Tests -name obj -prune -o -name bin -prune -o -type f -perm -u+x -exec shellcheck -x {} +
}

check_manuals() {
  if ! command -v mandoc >/dev/null; then
    echo "mandoc is missing: the manual pages are not checked"
    skipped=$((skipped + 1))
    passed=$((passed - 1))
    return 0
  fi
  # A warning too is a fault; but which other pages are there is a matter of the machine.
  ! mandoc -T lint scripts/man/* 2>/dev/null | grep -v 'referenced manual not found'
}

# lintian itself is large: it is used where it is, and installed by package.sh --lint.
check_package() {
  local lint=()
  if command -v lintian >/dev/null; then
    lint=(--lint)
  else
    echo "lintian is missing: it does not look at the package"
    skipped=$((skipped + 1))
  fi
  scripts/package.sh --binary dist/wmgwd2 --output obj/package --verify "${lint[@]}"
}

check "build.sh builds without a warning" ./build.sh
check "the binary is one static, stripped, position-independent ELF of at most 7 MB" check_binary
check "the scripts pass shellcheck" check_scripts
check "mandoc finds no fault with the manual pages" check_manuals
if ((${#filter[@]} == 0)); then
  check "the packages are made; built again in another folder they are the same" check_package
fi

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
dotnet build Tests/wmgwd2.Tests.csproj -c Release --nologo -v quiet || { failed=$((failed + 1)); }
dotnet test Tests/wmgwd2.Tests.csproj -c Release --no-build --nologo \
  --logger "trx;LogFileName=tests.trx" --results-directory "$results" "${filter[@]}" || true

# The counts come from what the runner wrote; a run that wrote nothing has failed.
counter() { sed -n "s/.*<Counters.* $1=\"\([0-9]*\)\".*/\1/p" "$results/tests.trx"; }
if [ -s "$results/tests.trx" ]; then
  passed=$((passed + $(counter passed)))
  skipped=$((skipped + $(counter total) - $(counter executed)))
  failed=$((failed + $(counter executed) - $(counter passed)))
else
  echo "FAILED: the test run left no result"
  failed=$((failed + 1))
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
