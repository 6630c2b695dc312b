#!/usr/bin/env bash
# Measures how long stations behind real FRR miss their gateway for each way in which VNIs move.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'USAGE'
Usage: scripts/gaps.sh [--interval TIME]

Makes a lab with four gateways and eight VNIs, real FRR and a station in each VNI that pings the world every 10 ms; gateways
join, drain, stop, lose a tracked interface, are killed and crash. Prints the longest time without a reply for each. Needs root.

  --interval TIME  the advertisement interval, in ms or s (default: 1s)
USAGE
}

interval=1s
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --interval)
      [[ ${2-} =~ ^[1-9][0-9]*(ms|s)$ ]] || { echo "gaps.sh: --interval '${2-}': want a time, as in 50ms or 1s" >&2; exit 2; }
      interval=$2
      shift 2 ;;
    *) echo "gaps.sh: unknown argument '$1'; see --help" >&2; exit 2 ;;
  esac
done

[ "$(id -u)" = 0 ] || { echo "gaps.sh: network namespaces take root" >&2; exit 2; }
# shellcheck source=scripts/lab-lib.sh
. scripts/lab-lib.sh
need_packages lld iproute2 procps frr iputils-ping iputils-arping
build_if_stale

echo "advertisement interval $interval, $(nproc) processors"
WMGWD2_GAP_INTERVAL=$interval dotnet test Tests/wmgwd2.Tests.csproj -c Release --nologo \
  --logger 'console;verbosity=detailed' --filter FullyQualifiedName~GapTests |
  grep -E '^ *measured:|^ *(Passed|Failed):|Error Message' | sed 's/^ *measured: //'
