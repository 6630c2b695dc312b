#!/usr/bin/env bash
# Measures what the daemon does and costs, and the same of keepalived.
set -euo pipefail
cd "$(dirname "$0")/.."

# What wmgwd2.Benchmarks knows, in the order in which it is run.
PARTS=(election scale peer)

usage() {
  cat <<USAGE
Usage: scripts/bench.sh [--part PART]...

Builds the binary and the benchmarks, ahead of time as the binary is, and prints Markdown; progress goes to stderr. Makes
its own labs in network namespaces and removes them. Needs root, and a machine that does nothing else.

  --part PART  only this part, in the order given; can be repeated (default: all)

  election     what the election costs
  scale        1,000 and 4,000 VNIs: start, take-over, steady state, joins and crashes, bursts, memory; some 15 minutes
  peer         next to keepalived, with 100 and 1,000 VNIs, at 1 s and 50 ms: owners, packets, processor, memory, take-over
               after a crash; some 15 minutes
USAGE
}

die() { echo "bench.sh: $*" >&2; exit 2; }

parts=()
command="scripts/bench.sh${*:+ $*}"
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --part)
      [[ " ${PARTS[*]} " == *" ${2-} "* && ${2-} ]] || die "--part '${2-}': want one of ${PARTS[*]}"
      parts+=("$2")
      shift 2 ;;
    *) die "unknown argument '$1'; see --help" ;;
  esac
done
((${#parts[@]})) || parts=("${PARTS[@]}")

[ "$(id -u)" = 0 ] || die "network namespaces take root"
# shellcheck source=scripts/lab-lib.sh
. scripts/lab-lib.sh

# keepalived keeps its macvlans quiet with nftables.
{
  need_packages lld iproute2 procps nftables keepalived
  build_if_stale
  dotnet publish Tests/Benchmarks/wmgwd2.Benchmarks.csproj -c Release -o obj/bench --nologo -v quiet
} >&2

# arm64 names no model.
model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
echo "${model:-unknown processor}, $(nproc) processors, Linux $(uname -r), $(date -u +%Y-%m-%d): \`$command\`"
for part in "${parts[@]}"; do
  printf '\n## %s\n\n' "$part"
  obj/bench/wmgwd2.Benchmarks "$part"
done
