#!/usr/bin/env bash
# Makes a Debian package and a tar.gz of the binary and what belongs to it.
set -euo pipefail
caller=$PWD
cd "$(dirname "$0")/.."
umask 022
export LC_ALL=C TZ=UTC

usage() {
  cat <<'USAGE'
Usage: scripts/package.sh [--output DIR] [--rid RID] [--binary FILE] [--lint] [--verify]

Builds the binary with build.sh and makes of it, in DIR:

  wmgwd2_VERSION_ARCHITECTURE.deb          a Debian package
  wmgwd2-VERSION-linux-ARCHITECTURE.tar.gz the same for other systems, with scripts/install.sh
  SHA256SUMS                               of all packages of this version that are in DIR

The same sources give the same bytes, whatever folder they are in. Needs dpkg-deb, and git unless SOURCE_DATE_EPOCH says
when the sources were made.

  --output DIR   where they are put                         (default: dist)
  --rid RID      linux-x64 or linux-arm64                   (default: this machine's)
  --binary FILE  package this binary, and build none
  --lint         check the Debian package with lintian, which is installed when it is missing and this is root
  --verify       build everything once more, in a folder of another name, and compare byte for byte

The package's maintainer is DEBFULLNAME and DEBEMAIL of the environment, without them the author of the latest commit.
USAGE
}

die() { echo "package.sh: $1" >&2; exit "${2:-1}"; }

# Where things are on a router; whatever names them names them so.
BINARY=/usr/sbin/wmgwd2
LIBRARY=/usr/lib/wmgwd2
CONFIG=/etc/wmgwd2/wmgwd2.conf

output=dist
rid=
binary=
lint=0
verify=0
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --lint) lint=1; shift ;;
    --verify) verify=1; shift ;;
    --output | --rid | --binary)
      [ -n "${2-}" ] || die "$1 needs a value; see --help" 2
      case "$1" in
        --output) output=$(cd "$caller" && realpath --canonicalize-missing -- "$2") ;;
        --rid) rid=$2 ;;
        --binary) binary=$(cd "$caller" && realpath --canonicalize-missing -- "$2") ;;
      esac
      shift 2 ;;
    *) die "unknown argument '$1'; see --help" 2 ;;
  esac
done

case "${rid:=$([ "$(uname -m)" = aarch64 ] && echo linux-arm64 || echo linux-x64)}" in
  linux-x64) architecture=amd64 machine=3e ;;
  linux-arm64) architecture=arm64 machine=b7 ;;
  *) die "--rid '$rid': want linux-x64 or linux-arm64" 2 ;;
esac
[ -z "$binary" ] || [ -x "$binary" ] || die "--binary '$binary': no such program" 2
for tool in dpkg-deb gzip tar; do
  command -v "$tool" >/dev/null || die "$tool is missing: install it (Debian: dpkg, gzip, tar)"
done

version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' wmgwd2.csproj)
[ -n "$version" ] || die "wmgwd2.csproj has no <Version>"

# --- whence: of these sources, not of this machine --------------------------------------------------------------------

# Git refuses a folder that belongs to somebody else, too.
in_git() { [ -e .git ] && git rev-parse --git-dir >/dev/null 2>&1; }

# When the sources were made. An archive that git has made has the commit's time on every file.
source_time() {
  if [ -n "${SOURCE_DATE_EPOCH-}" ]; then
    echo "$SOURCE_DATE_EPOCH"
  elif in_git; then
    git log -1 --format=%ct
  else
    find Src scripts wmgwd2.csproj build.sh -type f -printf '%Ts\n' | sort -n | tail -n 1
  fi
}

source_name() {
  if [ -n "${WMGWD2_SOURCE-}" ]; then
    echo "$WMGWD2_SOURCE"
  elif ! in_git; then
    echo "sources outside of version control"
  elif [ -n "$(git status --porcelain)" ]; then
    echo "commit $(git rev-parse --short=12 HEAD), with changes that are not committed"
  else
    echo "commit $(git rev-parse --short=12 HEAD)"
  fi
}

SOURCE_DATE_EPOCH=$(source_time)
[[ $SOURCE_DATE_EPOCH =~ ^[0-9]+$ ]] || die "SOURCE_DATE_EPOCH '$SOURCE_DATE_EPOCH': want seconds since 1970" 2
WMGWD2_SOURCE=$(source_name)
if in_git; then
  : "${DEBFULLNAME:=$(git log -1 --format=%an)}" "${DEBEMAIL:=$(git log -1 --format=%ae)}"
fi
: "${DEBFULLNAME:=unknown}" "${DEBEMAIL:=root@localhost}"
export SOURCE_DATE_EPOCH WMGWD2_SOURCE DEBFULLNAME DEBEMAIL

# --- what both packages have ------------------------------------------------------------------------------------------

# put MODE FILE TARGET: copies it, and makes the folders above it.
put() { install -D -m "$1" "$2" "$3"; }

# put_with_paths MODE FILE TARGET: as put, with the paths of this package for those that scripts/service has.
put_with_paths() {
  put "$1" "$2" "$3"
  sed -i "s|/usr/sbin/wmgwd2|$BINARY|g; s|/usr/lib/wmgwd2/|$LIBRARY/|g; s|/etc/wmgwd2/wmgwd2\.conf|$CONFIG|g" "$3"
}

# put_zipped FILE TARGET
put_zipped() {
  put 644 "$1" "$2"
  gzip -9n "$2"
}

# Everything as old as the sources.
settle() { find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +; }

# --- the packages -----------------------------------------------------------------------------------------------------

debian_changelog() {
  cat <<CHANGELOG
wmgwd2 ($debian_version) unstable; urgency=medium

  * Built of $WMGWD2_SOURCE.

 -- $DEBFULLNAME <$DEBEMAIL>  $(date -R -d "@$SOURCE_DATE_EPOCH")
CHANGELOG
}

# What dpkg itself keeps: control file, checksums, scripts.
debian_control() {
  local root=$1 size file
  # In KiB, each file rounded up, and one for each folder, as dpkg-gencontrol counts.
  size=$(find "$root" \( -type f -printf '%s\n' \) -o -printf '1\n' | awk '{ kib += int(($1 + 1023) / 1024) } END { print kib }')
  (cd "$root" && find . -type f ! -path './etc/*' -printf '%P\0' | sort -z | xargs -0 md5sum) >"$work/md5sums"
  mkdir "$root/DEBIAN"
  sed "s|@VERSION@|$debian_version|; s|@ARCHITECTURE@|$architecture|; s|@SIZE@|$size|
    s|@MAINTAINER@|$DEBFULLNAME <$DEBEMAIL>|" scripts/debian/control >"$root/DEBIAN/control"
  (cd "$root" && find etc -type f -printf '/%p\n' | sort) >"$root/DEBIAN/conffiles"
  mv "$work/md5sums" "$root/DEBIAN/md5sums"
  for file in postinst prerm postrm; do put_with_paths 755 "scripts/debian/$file" "$root/DEBIAN/$file"; done
}

make_deb() {
  local root=$work/deb doc=$work/deb/usr/share/doc/wmgwd2 file
  put 755 "$binary" "$root$BINARY"
  put 644 wmgwd2.conf.example "$root$CONFIG"
  for file in scripts/service/systemd/*; do put_with_paths 644 "$file" "$root/usr/lib/systemd/system/${file##*/}"; done
  put_with_paths 755 scripts/service/sysv/wmgwd2 "$root/etc/init.d/wmgwd2"
  # Debian has what hands over to systemctl there, where systemd runs.
  sed -i 's|^set -u$|[ ! -r /lib/lsb/init-functions ] \|\| . /lib/lsb/init-functions\n&|' "$root/etc/init.d/wmgwd2"
  for file in scripts/service/wmgwd2-*; do put_with_paths 755 "$file" "$root$LIBRARY/${file##*/}"; done
  put 644 README.md "$doc/README.md"
  put 644 wmgwd2.conf.example "$doc/wmgwd2.conf.example"
  put 644 scripts/debian/copyright "$doc/copyright"
  debian_changelog >"$work/changelog"
  put_zipped "$work/changelog" "$doc/changelog.Debian"
  put_zipped scripts/man/wmgwd2.8 "$root/usr/share/man/man8/wmgwd2.8"
  put_zipped scripts/man/wmgwd2.conf.5 "$root/usr/share/man/man5/wmgwd2.conf.5"
  put 644 scripts/completion/wmgwd2.bash "$root/usr/share/bash-completion/completions/wmgwd2"
  put 644 scripts/completion/_wmgwd2 "$root/usr/share/zsh/vendor-completions/_wmgwd2"
  put 644 scripts/debian/lintian-overrides "$root/usr/share/lintian/overrides/wmgwd2"
  debian_control "$root"
  settle "$root"
  # One thread: with several xz writes other bytes, by how many there are.
  DPKG_DEB_THREADS_MAX=1 dpkg-deb --root-owner-group -Zxz --build "$root" "$output/$deb" >/dev/null
}

# The paths of the sources, so that what the README says of them holds here too.
make_tarball() {
  local root=$work/${tarball%.tar.gz} file mode
  put 755 "$binary" "$root/dist/wmgwd2"
  while read -r file; do
    mode=644
    [ ! -x "$file" ] || mode=755
    put "$mode" "$file" "$root/$file"
  done < <(find README.md wmgwd2.conf.example scripts/man scripts/completion scripts/install.sh scripts/service -type f)
  settle "$root"
  tar --create --directory "$work" --sort=name --owner=0 --group=0 --numeric-owner --format=gnu "${tarball%.tar.gz}" |
    gzip -9n >"$output/$tarball"
}

check_with_lintian() {
  if ! command -v lintian >/dev/null; then
    [ "$(id -u)" = 0 ] || die "lintian is missing: install it (Debian: apt-get install lintian)"
    # shellcheck source=scripts/lab-lib.sh
    . scripts/lab-lib.sh
    need_packages lintian
  fi
  lintian --allow-root --fail-on error,warning --info "$output/$deb"
  echo "package.sh: lintian finds nothing wrong with $output/$deb"
}

list_sources() {
  local file
  if in_git; then
    git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
      # One that is deleted is in the index still.
      [ ! -e "$file" ] || printf '%s\0' "$file"
    done
  else
    find . -name obj -prune -o -name bin -prune -o -name dist -prune -o -type f -print0
  fi
}

# The same sources in a folder whose name is of another length, by somebody with other habits.
verify() {
  local copy=$work/the-same-sources-in-another-folder file
  mkdir "$copy"
  list_sources | tar --create --null --files-from=- | tar --extract --directory "$copy"
  (
    umask 077
    unset LC_ALL
    TZ=Asia/Kathmandu XZ_DEFAULTS=--threads=2 "$copy/scripts/package.sh" --rid "$rid" --output "$copy/dist" >/dev/null
  )
  for file in "$deb" "$tarball"; do
    cmp "$output/$file" "$copy/dist/$file" || die "$file is not the same when it is built again in another folder"
  done
  echo "package.sh: built again in another folder, $deb and $tarball are the same byte for byte"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
debian_version=$version-1
deb=wmgwd2_${debian_version}_$architecture.deb
tarball=wmgwd2-$version-linux-$architecture.tar.gz

if [ -z "$binary" ]; then
  ./build.sh --rid "$rid" --output "obj/package/$rid"
  binary=obj/package/$rid/wmgwd2
fi
# e_machine of the ELF header (elf.h): EM_X86_64 or EM_AARCH64.
[ "$(od -An -tx1 -j18 -N1 "$binary")" = " $machine" ] || die "'$binary' is not for $rid: build it there, or name it with --rid" 2
mkdir -p "$output"
make_deb
make_tarball
(
  cd "$output"
  find . -maxdepth 1 \( -name "wmgwd2_${debian_version}_*.deb" -o -name "wmgwd2-$version-linux-*.tar.gz" \) -printf '%P\0' |
    sort -z | xargs -0 sha256sum >SHA256SUMS
)
for file in "$deb" "$tarball" SHA256SUMS; do echo "$output/$file: $(stat -c %s "$output/$file") bytes"; done
if [ "$lint" = 1 ]; then check_with_lintian; fi
if [ "$verify" = 1 ]; then verify; fi
