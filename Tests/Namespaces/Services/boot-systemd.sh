#!/bin/sh
# Boots systemd as the init of namespaces of its own, over a throw-away copy of this machine's files, with no unit but those that it
# is given: what it runs then is as on a router. For SystemdBootTests, in the network namespace where its service is to run.
set -eu

usage() {
  cat <<'USAGE'
Usage: boot-systemd.sh FOLDER CGROUP

FOLDER holds a folder 'root', which is copied over this machine's files (over a copy of them), and an empty folder 'over'. CGROUP names the control group
that all of it runs in; whoever starts this removes it. FOLDER/console gets what systemd says.
USAGE
}

case "${1-}" in
  --help | -h) usage; exit 0 ;;
esac
[ $# = 2 ] || { usage >&2; exit 2; }
folder=$1
group=$2

# Version 2 alone, or with version 1 beside it.
if [ -d /sys/fs/cgroup/systemd ]; then
  hierarchies="systemd unified"
else
  hierarchies=.
fi

if [ $$ != 1 ]; then
  for hierarchy in $hierarchies; do
    [ -d "/sys/fs/cgroup/$hierarchy" ] || continue
    mkdir -p "/sys/fs/cgroup/$hierarchy/$group"
    echo $$ >"/sys/fs/cgroup/$hierarchy/$group/cgroup.procs"
  done
  exec unshare --pid --fork --kill-child --mount --uts --ipc --cgroup sh "$0" "$folder" "$group"
fi

mount --make-rprivate /
mount -t tmpfs tmpfs "$folder/over"
mkdir "$folder/over/upper" "$folder/over/work" "$folder/over/root"
root=$folder/over/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/over/upper,workdir=$folder/over/work" "$root"
units=$root/etc/systemd/system
rm -rf "$units"
mkdir -p "$units/sysinit.target.wants"
ln -s /lib/systemd/system/systemd-journald.service "$units/sysinit.target.wants"
cp -a "$folder/root/." "$root/"
printf '[Unit]\nDescription=Nothing but what a test starts\n' >"$units/default.target"

# Nothing of what the machine's own systemd would set up: not its mounts, not its kernel's settings.
: >"$root/etc/fstab"
rm -rf "$root/usr/lib/systemd/system/sysinit.target.wants" "$root/usr/lib/systemd/system/local-fs.target.wants"
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
if [ "$hierarchies" = . ]; then
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
else
  mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
  mkdir "$root/sys/fs/cgroup/systemd" "$root/sys/fs/cgroup/unified"
  mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
fi
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm" "$root/dev/mqueue" "$root/dev/hugepages"
mount -t devpts devpts "$root/dev/pts" -o newinstance,ptmxmode=0666
ln -s pts/ptmx "$root/dev/ptmx"
exec >"$folder/console" 2>&1
mkdir "$root/machine"
cd "$root"
pivot_root . machine
umount -l /machine
exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --log-target=console </dev/null
