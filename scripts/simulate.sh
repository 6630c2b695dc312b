#!/usr/bin/env bash
# Runs simulated clusters in virtual time: the core of the daemon under faults, all of them from a seed.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'USAGE'
Usage: scripts/simulate.sh [--seed N] [--hours H]

  --seed N   only this seed, as a failure names it  (default: seeds 1 to 1000)
  --hours H  virtual hours for each seed             (default: 1)

Ends with a table: for each kind of fault the longest time that nobody, or two, served a VNI, and the bound.
USAGE
}

while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --seed | --hours)
      [[ ${2-} =~ ^[1-9][0-9]{0,5}$ ]] || { echo "simulate.sh: $1 '${2-}': want a whole number from 1 on" >&2; exit 2; }
      case "$1" in
        --seed) export WMGWD2_SIMULATION_SEED=$2 ;;
        --hours) export WMGWD2_SIMULATION_HOURS=$2 ;;
      esac
      shift 2 ;;
    *) echo "simulate.sh: unknown argument '$1'; see --help" >&2; exit 2 ;;
  esac
done

report=$(mktemp)
trap 'rm -f "$report"' EXIT
export WMGWD2_SIMULATION_REPORT=$report

status=0
dotnet test Tests/wmgwd2.Tests.csproj -c Release --nologo --filter FullyQualifiedName~Tests.Simulation || status=$?
cat "$report"
exit "$status"
