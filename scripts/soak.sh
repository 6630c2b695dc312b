#!/usr/bin/env bash
# Runs five real daemons under random faults and reports, by kind of fault, the longest time without an owner and with two.
set -euo pipefail
from=$PWD
cd "$(dirname "$0")/.."

usage() {
  cat <<'USAGE'
Usage: scripts/soak.sh [--seconds N] [--seed N] [--log FILE]

Builds what isn't built yet, makes five gateways of 50 VNIs in network namespaces of their own, kills, stops, cuts off,
flaps, deletes and drains at random, and checks by what the kernels show that each VNI had one owner. Ends with a table,
and with 0 when everything held. Needs root.

  --seconds N  for how long faults are injected                        (default: 300)
  --seed N     the same faults in the same order, as a report names it (default: a random one)
  --log FILE   keep what happened when, and the daemons' logs          (default: when something failed, in a temporary file)
USAGE
}

seconds=300
seed=$(((RANDOM * 32768 + RANDOM) % 999999999 + 1))
log=
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --seconds | --seed)
      [[ ${2-} =~ ^[1-9][0-9]{0,8}$ ]] || { echo "soak.sh: $1 '${2-}': want a whole number from 1 on" >&2; exit 2; }
      case "$1" in
        --seconds) seconds=$2 ;;
        --seed) seed=$2 ;;
      esac
      shift 2 ;;
    --log)
      [ -n "${2-}" ] || { echo "soak.sh: --log needs a file; see --help" >&2; exit 2; }
      log=$(cd "$from" && realpath -m "$2")
      shift 2 ;;
    *) echo "soak.sh: unknown argument '$1'; see --help" >&2; exit 2 ;;
  esac
done

[ "$(id -u)" = 0 ] || { echo "soak.sh: network namespaces take root" >&2; exit 2; }
# shellcheck source=scripts/lab-lib.sh
. scripts/lab-lib.sh
need_packages lld iproute2 nftables

[ -n "${WMGWD2_BINARY-}" ] || build_if_stale

report=$(mktemp)
keep=$log
log=${log:-$(mktemp --suffix=.soak.log)}
trap 'rm -f "$report"' EXIT
echo "soak: $seconds s, seed $seed"
code=0
WMGWD2_SOAK_SECONDS=$seconds WMGWD2_SOAK_SEED=$seed WMGWD2_SOAK_REPORT=$report \
  dotnet test Tests/wmgwd2.Tests.csproj -c Release --nologo --logger 'console;verbosity=detailed' \
  --filter FullyQualifiedName~SoakTests.Five_daemons >"$log" 2>&1 || code=$?

if [ -s "$report" ]; then
  cat "$report"
else
  # A run that wrote no report has failed before it could judge, whatever the runner says.
  grep -vE '^ *[0-9:.]{12} <[0-7]>' "$log" | tail -n 60
  code=1
fi
if [ "$code" != 0 ]; then
  echo "soak.sh: it failed; what happened when, and the daemons' logs: $log" >&2
elif [ -z "$keep" ]; then
  rm -f "$log"
fi
exit "$code"
