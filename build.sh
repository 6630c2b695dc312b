#!/usr/bin/env bash
# Builds the one static binary, dist/wmgwd2.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'USAGE'
Usage: ./build.sh [--rid RID] [--framework TFM] [--output DIR]

Publishes wmgwd2 as one stripped, static-PIE ELF with Native AOT. Needs the .NET SDK
(10 or newer), gcc and lld; installs lld with apt-get when it is missing and this is root.

  --rid RID         runtime identifier       (default: linux-x64 or linux-arm64, this machine's)
  --framework TFM   target framework         (default: net9.0)
  --output DIR      where the binary is put  (default: dist)
USAGE
}

case "$(uname -m)" in
  aarch64) rid=linux-arm64 ;;
  *) rid=linux-x64 ;;
esac
framework=net9.0
output=dist

while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --rid | --framework | --output)
      [ $# -ge 2 ] || { echo "build.sh: $1 needs a value; see --help" >&2; exit 2; }
      case "$1" in
        --rid) rid=$2 ;;
        --framework) framework=$2 ;;
        --output) output=$2 ;;
      esac
      shift 2 ;;
    *) echo "build.sh: unknown argument '$1'; see --help" >&2; exit 2 ;;
  esac
done

for tool in dotnet gcc; do
  command -v "$tool" >/dev/null || { echo "build.sh: $tool is missing; install the .NET SDK and gcc" >&2; exit 1; }
done

if ! command -v ld.lld >/dev/null; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "build.sh: lld is missing: install it (Debian: apt-get install lld)" >&2
    exit 1
  fi
  echo "build.sh: installing lld"
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends lld >/dev/null
fi

# Its own intermediate folder, so that a build for tests and this one don't undo each other's work.
published=obj/publish/$rid
dotnet publish wmgwd2.csproj -c Release -r "$rid" -o "$published" --nologo -v quiet \
  -p:TargetFramework="$framework" -p:IntermediateOutputPath="obj/aot/$rid/$framework/"
mkdir -p "$output"
install -m 755 "$published/wmgwd2" "$output/wmgwd2"
echo "$output/wmgwd2: $(stat -c %s "$output/wmgwd2") bytes, $("$output/wmgwd2" --version 2>/dev/null || echo "for $rid")"
