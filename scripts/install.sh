#!/bin/sh
# Installs wmgwd2 on this machine, or into a folder. Plain sh and the commands that every router has; from the repository as from
# an unpacked archive.
set -eu

usage() {
  cat <<'USAGE'
Usage: install.sh [--service KIND] [--prefix DIR] [--destdir DIR] [--binary FILE]
       install.sh --uninstall [--prefix DIR] [--destdir DIR]

Copies the binary, an example of the config, README, man pages and completions (where they are here too), and what the service
manager needs. Never touches a config that is there; starts, stops and enables nothing, and says what to do next. Can be run again.

  --service KIND   systemd, runit, openrc, procd (OpenWrt) or sysv; without it no service is installed
  --prefix DIR     where the binary goes: DIR/sbin       (default: /usr/local; with procd: /usr)
  --destdir DIR    install below this folder, as if it were / (for images and packages)
  --binary FILE    the binary                            (default: the one beside this script, or dist/wmgwd2)
  --uninstall      remove what was installed with that prefix; leaves the config and the uid, and refuses while the daemon runs
USAGE
}

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

wrong_usage() {
  echo "install.sh: $*; see --help" >&2
  exit 2
}

service=
prefix=
destdir=
binary=
uninstall=
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --uninstall) uninstall=yes; shift ;;
    --service | --prefix | --destdir | --binary)
      [ $# -ge 2 ] || wrong_usage "$1 needs a value"
      case "$1" in
        --service) service=$2 ;;
        --prefix) prefix=$2 ;;
        --destdir) destdir=$2 ;;
        --binary) binary=$2 ;;
      esac
      shift 2 ;;
    *) wrong_usage "unknown argument '$1'" ;;
  esac
done
case "$service" in
  '' | systemd | runit | openrc | procd | sysv) ;;
  *) wrong_usage "--service '$service' is not systemd, runit, openrc, procd or sysv" ;;
esac
[ -n "$prefix" ] || case "$service" in
  procd) prefix=/usr ;;
  *) prefix=/usr/local ;;
esac
case "$prefix" in
  /*[!A-Za-z0-9._/+-]* | [!/]*) wrong_usage "--prefix '$prefix' is not an absolute path of letters, digits and ._+-" ;;
esac
prefix=${prefix%/}
destdir=${destdir%/}

here=$(cd "$(dirname "$0")" && pwd)
config=/etc/wmgwd2/wmgwd2.conf
state=/var/lib/wmgwd2
fenced=$prefix/lib/wmgwd2/wmgwd2-fenced
# What is installed with this prefix, a path a line, for the next run and for --uninstall.
manifest=$prefix/lib/wmgwd2/installed

# The first of these files that is there.
find_file() {
  for candidate in "$@"; do
    if [ -f "$candidate" ]; then
      echo "$candidate"
      return 0
    fi
  done
  return 1
}

remember() {
  grep -qxF "$1" "$destdir$manifest" 2>/dev/null || echo "$1" >>"$destdir$manifest"
}

# put MODE FILE TARGET: all of it or nothing, also over a binary that runs.
put() {
  target=$destdir$3
  mkdir -p "$(dirname "$target")"
  if cmp -s "$2" "$target"; then
    chmod "$1" "$target"
    echo "  $3 (as it was)"
  else
    rm -f "$target.new"
    cp "$2" "$target.new"
    chmod "$1" "$target.new"
    mv -f "$target.new" "$target"
    echo "  $3"
  fi
  remember "$3"
}

# The same for a file that names paths: they are those of this prefix.
put_with_paths() {
  sed -e "s|/usr/sbin/wmgwd2|$prefix/sbin/wmgwd2|g" -e "s|/usr/lib/wmgwd2/|$prefix/lib/wmgwd2/|g" \
    -e "s|/usr/share/doc/wmgwd2/|$prefix/share/doc/wmgwd2/|g" "$2" >"$scratch"
  put "$1" "$scratch" "$3"
}

# What the operator writes is never touched again; it isn't removed either.
put_once() {
  if [ -e "$destdir$3" ]; then
    echo "  $3 (yours; left as it is)"
  else
    mkdir -p "$(dirname "$destdir$3")"
    cp "$2" "$destdir$3"
    chmod "$1" "$destdir$3"
    echo "  $3"
  fi
}

put_documents() {
  # Above an archive that was unpacked anywhere there may be somebody else's README.
  if readme=$(find_file "$here/README.md" "$here/../README.md") && head -n 1 "$readme" | grep -qx '# wmgwd2'; then
    put 644 "$readme" "$prefix/share/doc/wmgwd2/README.md"
  fi
  for page in "$here"/man/*.[1-9] "$here"/man/*.[1-9].gz; do
    [ -f "$page" ] || continue
    case "$page" in
      *.gz) section=${page%.gz}; put 644 "$page" "$prefix/share/man/man${section##*.}/${page##*/}" ;;
      *) put_with_paths 644 "$page" "$prefix/share/man/man${page##*.}/${page##*/}" ;;
    esac
  done
  for completion in "$here"/completion/*; do
    [ -f "$completion" ] || continue
    name=${completion##*/}
    case "$name" in
      README*) ;;
      *.bash) put 644 "$completion" "$prefix/share/bash-completion/completions/${name%.bash}" ;;
      *.fish) put 644 "$completion" "$prefix/share/fish/vendor_completions.d/$name" ;;
      _*) put 644 "$completion" "$prefix/share/zsh/site-functions/$name" ;;
    esac
  done
}

put_service() {
  from=$here/service
  [ -z "$service" ] || [ -d "$from" ] || fail "$from is missing"
  # For a supervisor of one's own too.
  if [ -n "$service" ] || [ -f "$from/wmgwd2-fenced" ]; then
    put_with_paths 755 "$from/wmgwd2-fenced" "$fenced"
  fi
  case "$service" in
    '') ;;
    systemd)
      for unit in wmgwd2.service wmgwd2-metrics.service wmgwd2-metrics.timer; do
        put_with_paths 644 "$from/systemd/$unit" "/etc/systemd/system/$unit"
      done
      put_with_paths 755 "$from/wmgwd2-metrics" "$prefix/lib/wmgwd2/wmgwd2-metrics" ;;
    runit)
      for script in run finish check log/run; do
        put_with_paths 755 "$from/runit/$script" "/etc/sv/wmgwd2/$script"
      done ;;
    openrc)
      put_with_paths 755 "$from/openrc/wmgwd2" /etc/init.d/wmgwd2
      put_once 644 "$from/openrc/wmgwd2.confd" /etc/conf.d/wmgwd2 ;;
    procd | sysv)
      put_with_paths 755 "$from/$service/wmgwd2" /etc/init.d/wmgwd2 ;;
  esac
}

say_next() {
  echo "Next:"
  echo "  edit $config"
  echo "  $prefix/sbin/wmgwd2 check --config $config"
  case "$service" in
    '') echo "  run $prefix/sbin/wmgwd2 run --config $config by your supervisor, and after its end, however it ended:"
        echo "      $prefix/sbin/wmgwd2 fence --config $config"
        [ ! -f "$destdir$fenced" ] || {
          echo "    or, which fences also when the config can't be read by then:"
          echo "      $fenced --fence $prefix/sbin/wmgwd2 --config $config"
        } ;;
    systemd)
      echo "  systemctl daemon-reload"
      echo "  systemctl enable --now wmgwd2.service"
      echo "  systemctl enable --now wmgwd2-metrics.timer     # for Prometheus' textfile collector, where there is one" ;;
    runit)
      echo "  ln -s /etc/sv/wmgwd2 /etc/service/              # or wherever runsvdir looks on this machine"
      echo "  sv status wmgwd2" ;;
    openrc)
      echo "  rc-update add wmgwd2 default"
      echo "  rc-service wmgwd2 start" ;;
    procd)
      echo "  /etc/init.d/wmgwd2 enable"
      echo "  /etc/init.d/wmgwd2 start"
      echo "  to keep the config over an upgrade: echo $config >>/etc/sysupgrade.conf; echo $state >>/etc/sysupgrade.conf" ;;
    sysv)
      echo "  update-rc.d wmgwd2 defaults                     # or: chkconfig --add wmgwd2"
      echo "  service wmgwd2 start" ;;
  esac
  echo "  $prefix/sbin/wmgwd2 status"
}

install_all() {
  binary=${binary:-$(find_file "$here/wmgwd2" "$here/../wmgwd2" "$here/../dist/wmgwd2")} ||
    fail "no binary beside this script, nor dist/wmgwd2: run ./build.sh first, or name it with --binary"
  [ -f "$binary" ] || fail "--binary $binary: no such file"
  example=$(find_file "$here/wmgwd2.conf.example" "$here/../wmgwd2.conf.example") || fail "wmgwd2.conf.example is missing"
  mkdir -p "$destdir$prefix/lib/wmgwd2" || fail "$destdir$prefix/lib/wmgwd2 can't be made: is this root?"
  scratch=$(mktemp)
  trap 'rm -f "$scratch"' EXIT

  echo "Installed${destdir:+ below $destdir}:"
  put 755 "$binary" "$prefix/sbin/wmgwd2"
  put_once 644 "$example" "$config"
  put 644 "$example" "$prefix/share/doc/wmgwd2/wmgwd2.conf.example"
  put_documents
  put_service
  remember "$manifest"
  say_next
}

# Whether a daemon of this machine runs that binary.
find_running() {
  for process in /proc/[0-9]*; do
    target=$(readlink "$process/exe" 2>/dev/null) || continue
    case "$target" in
      "$prefix/sbin/wmgwd2" | "$prefix/sbin/wmgwd2 (deleted)") echo "${process#/proc/}"; return 0 ;;
    esac
  done
  return 1
}

uninstall_all() {
  [ -z "$service$binary" ] || wrong_usage "--uninstall removes what was installed, whatever it was; it takes neither --service nor --binary"
  [ -f "$destdir$manifest" ] || fail "$destdir$manifest is missing: nothing was installed with the prefix $prefix"
  if [ -z "$destdir" ] && process=$(find_running); then
    fail "wmgwd2 runs (process $process) and would go on without what fences after it: stop its service first, and disable it
  systemd: systemctl disable --now wmgwd2.service wmgwd2-metrics.timer
  runit:   sv down wmgwd2 and remove its link below /etc/service
  OpenRC:  rc-service wmgwd2 stop; rc-update del wmgwd2
  procd:   /etc/init.d/wmgwd2 stop; /etc/init.d/wmgwd2 disable
  SysV:    service wmgwd2 stop; update-rc.d wmgwd2 remove"
  fi

  echo "Removed${destdir:+ below $destdir}:"
  while read -r path; do
    [ -e "$destdir$path" ] || continue
    [ "$path" = "$manifest" ] || rm -f "$destdir$path"
    echo "  $path"
  done <"$destdir$manifest"
  # The folders that were its own, where nothing else is in them.
  for folder in lib/wmgwd2 share/doc/wmgwd2; do
    [ "$folder" != lib/wmgwd2 ] || rm -f "$destdir$manifest"
    rmdir "$destdir$prefix/$folder" 2>/dev/null || :
  done
  rmdir "$destdir/etc/sv/wmgwd2/log" "$destdir/etc/sv/wmgwd2" 2>/dev/null || :

  echo "Left:"
  for path in "$config" "$state" /etc/conf.d/wmgwd2 /etc/default/wmgwd2 /etc/sv/wmgwd2 /var/log/wmgwd2; do
    [ ! -e "$destdir$path" ] || echo "  $path"
  done
  echo "The interfaces are as they are: those that were held down (protodown on) stay so until somebody changes that."
}

if [ -n "$uninstall" ]; then
  uninstall_all
else
  install_all
fi
