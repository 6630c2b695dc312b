# shellcheck shell=bash
# What the lab and everything that uses it (demonstration, tests) share: names, addresses, and small operations on a lab
# that `scripts/lab.sh up` has built. Source it; it runs nothing by itself and expects `set -euo pipefail`.
#
#   WMGWD2_LAB   prefix of every namespace's name (wmlab): two labs with different prefixes can run at once

LAB_DEFAULT_PREFIX=wmlab
LAB_PREFIX=${WMGWD2_LAB:-$LAB_DEFAULT_PREFIX}

# One fabric octet is the route reflector's, as in the site that the configuration comes from; gateways skip it.
LAB_REFLECTOR_OCTET=17
# Stations ping this one through their gateway; it stands for "the rest of the world".
# shellcheck disable=SC2034 # for those that source this file
LAB_UPSTREAM_LOOPBACK=192.0.2.1

# --- messages ---------------------------------------------------------------------------------------------------------

lab_say() { printf '%s\n' "$*"; }

lab_fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# A wrong argument or setting is the caller's mistake, and has the exit status that shells give to it.
lab_usage_error() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 2
}

# --- names ------------------------------------------------------------------------------------------------------------

# lab_ns gw 1, lab_ns gw1, lab_ns rr: the namespace's name.
lab_ns() { printf '%s-%s%s\n' "$LAB_PREFIX" "$1" "${2:-}"; }

# The names of this lab's namespaces that exist. The pattern is anchored on both sides: the labs `a` and `a-gw1` are
# two labs, and neither may take the other's namespaces for its own.
lab_namespaces() {
    ip netns list | awk '{print $1}' | grep -xE "${LAB_PREFIX}-(gw[0-9]+|rr|ap|up|fab|st[0-9]+)" || true
}

lab_exists() { [[ -n $(lab_namespaces) ]]; }

# How many gateways the running lab has.
lab_gateway_count() { lab_namespaces | grep -cE -- '-gw[0-9]+$' || true; }

# FRR's log files, one per namespace.
lab_log_directory() { printf '/tmp/wmgwd2-lab-%s\n' "$LAB_PREFIX"; }

# The prefix becomes part of file names, regular expressions and FRR's path space, hence the narrow alphabet.
lab_check_prefix() {
    [[ $LAB_PREFIX =~ ^[A-Za-z][A-Za-z0-9_-]{0,31}$ ]] ||
        lab_usage_error "WMGWD2_LAB='$LAB_PREFIX': want a letter, then at most 31 letters, digits, '-' or '_'"
}

# --- addresses --------------------------------------------------------------------------------------------------------

lab_gateway_octet() {
    local octet=$((10 + $1))
    if ((octet >= LAB_REFLECTOR_OCTET)); then octet=$((octet + 1)); fi
    printf '%d\n' "$octet"
}

# The gateway's address on the fabric, which is its VTEP's too.
lab_gateway_address() { printf '10.0.1.%d\n' "$(lab_gateway_octet "$1")"; }

lab_gateway_uplink_address() { printf '10.0.2.%d\n' "$(lab_gateway_octet "$1")"; }

# lab_vni_address VNI HOST: an address in the VNI's own /24.
lab_vni_address() { printf '10.%d.%d.%d\n' $((64 + $1 / 256)) $(($1 % 256)) "$2"; }

# The address that every gateway has on vrrp4-<vni>, and that only the owner answers for.
lab_virtual_ip() { lab_vni_address "$1" 1; }

lab_station_ip() { lab_vni_address "$1" 2; }

lab_virtual_mac() { printf '00:00:5e:00:01:%02x\n' $(($1 % 256)); }

# --- operations on a running lab --------------------------------------------------------------------------------------

# lab_run gw1 COMMAND...: runs it in that namespace.
lab_run() {
    local name=$1
    shift
    ip netns exec "$(lab_ns "$name")" "$@"
}

# lab_vtysh rr 'show bgp l2vpn evpn summary': asks the FRR of that namespace.
lab_vtysh() {
    local name=$1 line arguments=()
    shift
    for line in "$@"; do arguments+=(-c "$line"); done
    vtysh -N "$(lab_ns "$name")" "${arguments[@]}"
}

# lab_wait SECONDS COMMAND...: until the command succeeds; fails when the time is over.
lab_wait() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}

# lab_protodown GATEWAY VNI on|off and lab_announce GATEWAY VNI do by hand what the daemon does.
lab_protodown() { ip -n "$(lab_ns gw "$1")" link set "vrrp4-$2" protodown "$3"; }

# The carrier comes a moment after protodown off, and a frame sent earlier vanishes without an error.
lab_announce() {
    lab_wait 2 lab_is_owner "$1" "$2" || return 1
    lab_run "gw$1" arping -q -A -c 1 -I "vrrp4-$2" "$(lab_virtual_ip "$2")"
}

# "Owner" is judged by the carrier, not by the protodown flag: the flag can be on while the interface answers.
lab_is_owner() { ip -n "$(lab_ns gw "$1")" -o link show "vrrp4-$2" | grep -q 'LOWER_UP'; }

# The gateways (numbers) whose vrrp4-<vni> is operative. In health that is one line.
lab_owners() {
    local gateway gateways
    gateways=$(lab_gateway_count)
    for ((gateway = 1; gateway <= gateways; gateway++)); do
        if lab_is_owner "$gateway" "$1"; then lab_say "$gateway"; fi
    done
}

# How many VNIs the gateway owns.
lab_owned_count() {
    ip -n "$(lab_ns gw "$1")" -o link show type macvlan | grep -c 'LOWER_UP' || true
}

# lab_cut gw1 [fabric|uplink]: the switch stops carrying that port's frames (both ports, when none is named). The carrier
# stays, so that the gateway isn't told: the way a peer's crash or a partition looks from the others. lab_mend undoes it.
lab_cut() { lab_port_state "$1" disabled "${2:-}"; }
lab_mend() { lab_port_state "$1" forwarding "${2:-}"; }

lab_port_state() {
    local name=$1 state=$2 number=3 network
    if [[ $state == disabled ]]; then number=0; fi
    for network in ${3:-fabric uplink}; do
        bridge -n "$(lab_ns fab)" link set dev "$name-$network" state "$number"
    done
}

# --- measuring --------------------------------------------------------------------------------------------------------

# lab_ping VNI TARGET FILE SECONDS: pings from the VNI's station every 10 ms, for longest_gap. Run it with `&`.
lab_ping() {
    # ping's status says that a reply is missing, which is what is being measured and no failure of the measurement.
    lab_run "st$1" ping -D -n -i 0.01 -w "$4" "$2" >"$3" || true
}

# longest_gap FILE: the longest time without a reply, in whole ms, in the log of `ping -D -n -i 0.01`.
# Requests that were never answered at the beginning and at the end count too: without them a service that went away and
# never came back would look perfect. They are known from the sequence numbers and the closing summary, which ping prints
# when it ends by itself or by SIGINT; without a summary only the time between replies can be judged.
longest_gap() {
    awk '
        function longer(gap) { if (gap > longest) longest = gap }
        /^\[[0-9.]+\] [0-9]+ bytes from / {
            if (/DUP!/) next
            time = substr($1, 2) + 0
            match($0, /icmp_seq=[0-9]+/)
            sequence = substr($0, RSTART + 9, RLENGTH - 9) + wraps * 65536
            if (replies && sequence < last_sequence - 32768) { wraps++; sequence += 65536 }
            if (replies++) longer(time - last_time); else missing_first = sequence - 1
            last_time = time; last_sequence = sequence
        }
        /packets transmitted/ {
            transmitted = $1
            if (match($0, /time [0-9]+ms/)) interval = substr($0, RSTART + 5, RLENGTH - 7) / 1000 / transmitted
        }
        END {
            if (!replies && !transmitted) exit 1
            longer(missing_first * interval)
            if (transmitted) longer((transmitted - last_sequence) * interval)
            printf "%d\n", longest * 1000 + 0.5
        }' "$1"
}

# --- the binary -------------------------------------------------------------------------------------------------------

# Builds dist/wmgwd2 unless it is there and newer than what it is built of.
build_if_stale() {
    local root
    root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
    if [[ ! -x $root/dist/wmgwd2 ]] ||
        [[ -n $(find "$root/Src" "$root/wmgwd2.csproj" "$root/build.sh" -newer "$root/dist/wmgwd2" -print -quit) ]]; then
        "$root/build.sh"
    fi
}

# --- Debian packages --------------------------------------------------------------------------------------------------

lab_has_package() { [[ $(dpkg-query -W -f='${Status}' "$1" 2>/dev/null) == *"ok installed"* ]]; }

# need_packages PACKAGE...: installs those that are missing, when this is root on a Debian.
need_packages() {
    local package missing=()
    for package in "$@"; do
        lab_has_package "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    ((EUID == 0)) || lab_fail "these Debian packages are missing: ${missing[*]}"
    lab_say "installing Debian packages: ${missing[*]}"
    lab_install_packages "${missing[@]}"
}

# Debian's frr would start its daemons among the machine's own interfaces, now and at each boot. The lab runs its own in
# its namespaces, so the package is installed with starting forbidden, in a subshell so that the trap is its own.
lab_install_packages() (
    policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update >/dev/null
    apt-get -qq install -y --no-install-recommends "$@" >/dev/null ||
        lab_fail "apt-get could not install: $*"
    if [[ " $* " == *" frr "* ]]; then lab_disable_frr_service; fi
)

lab_disable_frr_service() {
    command -v systemctl >/dev/null || return 0
    systemctl disable frr.service >/dev/null 2>&1 || true
    if [[ -d /run/systemd/system ]]; then systemctl stop frr.service || true; fi
}
