#!/bin/bash
# Builds and removes the lab: a small site in network namespaces, with real FRR or without routing, in which gateways can
# be tried. `lab.sh --help` describes it; lab-lib.sh has its names and addresses, and what can be done with a running lab;
# lab-frr.sh has the routing daemons and their configuration.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lab-lib.sh
source "$here/lab-lib.sh"
# shellcheck source=scripts/lab-frr.sh
source "$here/lab-frr.sh"

CONVERGENCE_SECONDS=30

MAX_GATEWAYS=88   # octets 11 to 99 without the reflector's
MAX_VNI=49151     # 10.64.0.0 up to 10.255.255.0, one /24 each
VNIS_A_GROUP=20   # devices that are removed together; see remove_devices

VXLAN_LEARNING=('' no)   # without routing and with it

# The veth below the macvlan must not answer ARP for the macvlan's address while the macvlan is protodown, and the
# connected route of a VNI that another gateway owns must not be used. For these three `all` is enough.
GATEWAY_SYSCTLS=(net.ipv4.conf.all.{arp_ignore=1,arp_announce=2,ignore_routes_with_linkdown=1})

# Set by read_size.
gateways=0
vnis=0
stations=0
routing=1
ipv6=0
bfd=0
primed=0

usage() {
    cat <<END
usage: lab.sh up [GATEWAYS=3] [VNIS=12]   build the lab and wait until its routing, if any, has converged
       lab.sh down                        remove it: its processes, namespaces and FRR directories
       lab.sh --help

Needs root, and the Debian packages frr, iproute2, iputils-ping, iputils-arping and procps; without routing only iproute2
and procps. Everything is made in the lab's own network namespaces; the machine's interfaces, routes and settings stay as
they are.

  namespaces, each with the prefix $LAB_PREFIX-
             what it is            fabric 10.0.1.0/24        uplink 10.0.2.0/24
  gw1..N     gateways              10.0.1.11.. without .17   10.0.2.11.. without .17
  rr         route reflector       10.0.1.17
  ap         access point          10.0.1.100
  up         upstream router                                 10.0.2.1
  fab        the two switches: bridges \`fabric\` and \`uplink\`, ports gw1-fabric, gw1-uplink and so on
  st1..S     one station per VNI, at the access point

  fabric   one L2 domain, broadcast 10.0.1.255; BGP EVPN (AS 65000, rr reflects); the addresses are the VTEPs'
  uplink   OSPF area 0; the upstream router announces $LAB_UPSTREAM_LOOPBACK/32, which stations reach through their gateway
  VNI v    gateway: vxlan<v> and vethbr<v> in br<v>; veth<v>, the other end, carries the macvlan vrrp4-<v>, which has
           10.(64 + v/256).(v mod 256).1/24 and 00:00:5e:00:01:(v mod 256) on every gateway; it is up, protodown on
           access point: vxlan<v> in br<v>; station v: eth0, 10.(64 + v/256).(v mod 256).2/24, default route via .1

The lab has at most $MAX_GATEWAYS gateways and $MAX_VNI VNIs. FRR's logs are in $(lab_log_directory)/.

environment
  WMGWD2_LAB           prefix of the namespaces' names (wmlab); labs with different prefixes run side by side
  WMGWD2_LAB_STATIONS  how many VNIs have a station, from VNI 1 on (12, or VNIS if that is less)
  WMGWD2_LAB_ROUTING   0 runs no FRR: the same gateways, up in seconds, for measurements that need no routes. There is no
                       rr; the access point has only the VNIs with a station; a VXLAN device floods to the other VTEPs of
                       its VNI and learns from them, so that gateways and stations of a VNI hear each other
  WMGWD2_LAB_IPV6      1 leaves IPv6 on; without it IPv6 is off on every device, for it makes each protodown slower,
                       the more devices there are
  WMGWD2_LAB_BFD       1 runs BFD (50 ms, three missed) under BGP and OSPF: routing then forgets a gateway that crashed
                       after 0.15 s, instead of 3 s (BGP) and 1 s (OSPF)
  WMGWD2_LAB_PRIMED    1 shows bgpd each vrrp4-<v> up and down once. A bgpd that starts while they are protodown takes
                       their MACs for its own, ignores the owner's type-2 routes, and so takes a VNI over without a
                       higher MAC mobility sequence number; the crashed owner's route can then win until it expires.
                       It helps for 256 VNIs: with more, some share a MAC, and bgpd goes by the MAC alone
END
}

# --- before anything is touched ---------------------------------------------------------------------------------------

# read_number NAME TEXT MINIMUM MAXIMUM: prints the number. A leading zero would mean octal to the shell.
read_number() {
    if ! [[ $2 =~ ^(0|[1-9][0-9]{0,5})$ ]] || (($2 < $3 || $2 > $4)); then
        lab_usage_error "$1='$2': want a whole number from $3 to $4"
    fi
    printf '%d\n' "$2"
}

read_size() {
    (($# <= 2)) || lab_usage_error "too many arguments; see --help"
    gateways=$(read_number GATEWAYS "${1-3}" 1 "$MAX_GATEWAYS")
    vnis=$(read_number VNIS "${2-12}" 1 "$MAX_VNI")
    stations=$(read_number WMGWD2_LAB_STATIONS "${WMGWD2_LAB_STATIONS-$((vnis < 12 ? vnis : 12))}" 0 "$vnis")
    routing=$(read_number WMGWD2_LAB_ROUTING "${WMGWD2_LAB_ROUTING:-1}" 0 1)
    ipv6=$(read_number WMGWD2_LAB_IPV6 "${WMGWD2_LAB_IPV6:-0}" 0 1)
    bfd=$(read_number WMGWD2_LAB_BFD "${WMGWD2_LAB_BFD:-0}" 0 1)
    primed=$(read_number WMGWD2_LAB_PRIMED "${WMGWD2_LAB_PRIMED:-0}" 0 1)
    if ((!routing && (bfd || primed))); then
        lab_usage_error "WMGWD2_LAB_BFD and WMGWD2_LAB_PRIMED mean nothing with WMGWD2_LAB_ROUTING=0"
    fi
}

need_root() { ((EUID == 0)) || lab_fail "making network namespaces takes root"; }

need_tool() { command -v "$1" >/dev/null || lab_fail "$1 is missing: install the Debian package $2"; }

need_tools() {
    need_tool ip iproute2
    need_tool bridge iproute2
    need_tool sysctl procps
    if ((routing)); then need_routing_tools; fi
}

need_routing_tools() {
    need_tool ping iputils-ping
    need_tool arping iputils-arping
    need_tool vtysh frr
    local daemon
    for daemon in zebra bgpd ospfd bfdd; do need_tool "$FRR_DAEMONS/$daemon" frr; done
}

need_absence() {
    ! lab_exists || lab_fail "the lab $LAB_PREFIX is there already; run '$(removal)' first, or set another WMGWD2_LAB"
}

# --- namespaces and switches ------------------------------------------------------------------------------------------

# Names without the prefix.
routers() {
    local gateway
    for ((gateway = 1; gateway <= gateways; gateway++)); do lab_say "gw$gateway"; done
    if ((routing)); then lab_say rr; fi
    printf '%s\n' ap up
}

station_names() {
    local vni
    for ((vni = 1; vni <= stations; vni++)); do lab_say "st$vni"; done
}

make_namespaces() {
    { lab_say fab; routers; station_names; } | sed "s/^/netns add $LAB_PREFIX-/" | ip -batch -
    local name
    for name in fab $(routers) $(station_names); do set_sysctls "$name"; done
}

# Everything that is set here belongs to the namespace. A new one takes its IPv4 settings from the machine's first, so
# rp_filter is set although 0 is the kernel's default; it is the greater of `all` and the device's, hence both scopes.
set_sysctls() {
    local settings=(net.ipv4.conf.{all,default}.rp_filter=0)
    # Devices are made later and copy `default`. Where the kernel has no IPv6 there is nothing to turn off.
    if ((!ipv6)) && [[ -d /proc/sys/net/ipv6 ]]; then settings+=(net.ipv6.conf.{all,default}.disable_ipv6=1); fi
    case $1 in
        gw*) settings+=(net.ipv4.ip_forward=1 "${GATEWAY_SYSCTLS[@]}") ;;
        up) settings+=(net.ipv4.ip_forward=1) ;;
    esac
    ip netns exec "$(lab_ns "$1")" sysctl -q -w "${settings[@]}"
}

# plug NAME NETWORK: `ip` commands for a cable from the switch to the interface of that name in the router. Both ends are
# created in their namespaces; none is ever seen among the machine's interfaces. The MTU leaves room for VXLAN's header.
plug() {
    printf 'link add %s master %s mtu 1600 up type veth peer name %s mtu 1600 netns %s\n' \
        "$1-$2" "$2" "$2" "$(lab_ns "$1")"
}

make_switches() {
    local name
    {
        printf 'link add %s up type bridge mcast_snooping 0\n' fabric uplink
        for name in $(routers); do
            if [[ $name != up ]]; then plug "$name" fabric; fi
            if [[ $name == gw* || $name == up ]]; then plug "$name" uplink; fi
        done
    } | in_namespace fab
}

# in_namespace NAME: runs the `ip` commands of standard input there, in one process.
in_namespace() { ip -n "$(lab_ns "$1")" -batch - || lab_fail "could not set up $(lab_ns "$1")"; }

# --- devices of each router -------------------------------------------------------------------------------------------

make_routers() {
    local gateway
    for ((gateway = 1; gateway <= gateways; gateway++)); do
        gateway_devices "$gateway" | in_namespace "gw$gateway"
    done
    if ((routing)); then network_devices fabric "10.0.1.$LAB_REFLECTOR_OCTET" | in_namespace rr; fi
    access_point_devices | in_namespace ap
    upstream_devices | in_namespace up
}

# network_devices INTERFACE ADDRESS: loopback and one cable.
network_devices() {
    lab_say "link set lo up"
    lab_say "addr add $2/24 brd + dev $1"
    lab_say "link set $1 up"
}

gateway_devices() {
    local address vni
    address=$(lab_gateway_address "$1")
    network_devices fabric "$address"
    network_devices uplink "$(lab_gateway_uplink_address "$1")"
    for ((vni = 1; vni <= vnis; vni++)); do gateway_chain "$vni" "$address"; done
}

# overlay_bridge VNI VTEP_ADDRESS. Learning is off in the VXLAN device where BGP says which VTEP has a MAC. It stays on for
# the bridge port: an old owner's zebra withdraws its type-2 route when the bridge hears the MAC from the new one.
# The group is for remove_devices.
overlay_bridge() {
    printf 'link add br%d group %d up type bridge mcast_snooping 0\n' "$1" $(($1 / VNIS_A_GROUP + 1))
    printf 'link add vxlan%d group %d master br%d up type vxlan id %d local %s dstport 4789 %slearning\n' \
        "$1" $(($1 / VNIS_A_GROUP + 1)) "$1" "$1" "$2" "${VXLAN_LEARNING[routing]}"
}

# gateway_chain VNI VTEP_ADDRESS. The macvlan is protodown before it is up: otherwise it would send frames with the
# virtual MAC in between. A thousand of these are written here, so nothing in it starts a process.
gateway_chain() {
    overlay_bridge "$1" "$2"
    printf 'link add vethbr%d group %d master br%d up type veth peer name veth%d\n' \
        "$1" $(($1 / VNIS_A_GROUP + 1)) "$1" "$1"
    printf 'link set veth%d up\n' "$1"
    printf 'link add link veth%d name vrrp4-%d address 00:00:5e:00:01:%02x type macvlan mode bridge\n' \
        "$1" "$1" $(($1 % 256))
    printf 'link set vrrp4-%d protodown on\n' "$1"
    printf 'addr add 10.%d.%d.1/24 dev vrrp4-%d\n' $((64 + $1 / 256)) $(($1 % 256)) "$1"
    printf 'link set vrrp4-%d up\n' "$1"
}

access_point_devices() {
    local vni address=10.0.1.$ACCESS_POINT_OCTET
    network_devices fabric "$address"
    for ((vni = 1; vni <= (routing ? vnis : stations); vni++)); do
        overlay_bridge "$vni" "$address"
        if ((vni <= stations)); then
            printf 'link add station%d master br%d up type veth peer name eth0 netns %s\n' \
                "$vni" "$vni" "$(lab_ns st "$vni")"
        fi
    done
}

upstream_devices() {
    network_devices uplink 10.0.2.1
    lab_say "addr add $LAB_UPSTREAM_LOOPBACK/32 dev lo"
}

make_stations() {
    local vni
    for ((vni = 1; vni <= stations; vni++)); do
        {
            network_devices eth0 "$(lab_station_ip "$vni")"
            lab_say "route add default via $(lab_virtual_ip "$vni")"
        } | in_namespace "st$vni"
    done
}

# --- without routing --------------------------------------------------------------------------------------------------

# What is sent to everybody, and to a MAC that a VXLAN device hasn't learned, goes to each of the other VTEPs.
start_flooding() {
    local gateway vni
    for ((gateway = 1; gateway <= gateways; gateway++)); do
        for ((vni = 1; vni <= vnis; vni++)); do gateway_floods "$gateway" "$vni"; done | in_bridges "gw$gateway"
    done
    for ((vni = 1; vni <= stations; vni++)); do floods_to_gateways 0 "$vni"; done | in_bridges ap
}

gateway_floods() {
    floods_to_gateways "$1" "$2"
    if (($2 <= stations)); then flood_entry "$2" "$ACCESS_POINT_OCTET"; fi
}

# floods_to_gateways GATEWAY VNI: `bridge` commands for all gateways but that one. As in gateway_chain, nothing in it
# starts a process.
floods_to_gateways() {
    local other
    for ((other = 1; other <= gateways; other++)); do
        if ((other != $1)); then flood_entry "$2" $((10 + other + (10 + other >= LAB_REFLECTOR_OCTET))); fi
    done
}

flood_entry() { printf 'fdb append 00:00:00:00:00:00 dev vxlan%d dst 10.0.1.%d\n' "$1" "$2"; }

# in_bridges NAME: runs the `bridge` commands of standard input there, in one process.
in_bridges() { bridge -n "$(lab_ns "$1")" -batch - || lab_fail "could not set up the bridges of $(lab_ns "$1")"; }

# --- convergence ------------------------------------------------------------------------------------------------------

# bgpd takes an interface's MAC for its own from the moment it hears of the interface until it sees it go down. Here it
# sees that, while the chain is unplugged from its bridge, so that no frame with the virtual MAC gets anywhere.
prime_gateways() {
    local gateway vni
    for ((gateway = 1; gateway <= gateways; gateway++)); do
        for_each_vni 'link set vethbr%d nomaster' 'link set vrrp4-%d protodown off' | in_namespace "gw$gateway"
        lab_wait 10 owns_all "$gateway" || lab_fail "$(lab_ns gw "$gateway"): not every vrrp4-<vni> came up"
        for_each_vni 'link set vrrp4-%d protodown on' | in_namespace "gw$gateway"
        for ((vni = 1; vni <= vnis; vni++)); do
            printf 'link set vethbr%d master br%d\n' "$vni" "$vni"
        done | in_namespace "gw$gateway"
    done
}

owns_all() { (($(lab_owned_count "$1") == vnis)); }

# for_each_vni FORMAT...: `ip` commands, with %d for the VNI; all of the first format, then all of the second.
for_each_vni() {
    local format vni
    for format in "$@"; do
        # shellcheck disable=SC2059
        for ((vni = 1; vni <= vnis; vni++)); do printf "$format\n" "$vni"; done
    done
}

# count_matches NAME COMMAND PATTERN: in what FRR of that namespace answers.
count_matches() { { lab_vtysh "$1" "$2" 2>/dev/null | grep -oE "$3" || true; } | wc -l; }

bgp_sessions() { count_matches rr 'show bgp l2vpn evpn summary json' '"state":"Established"'; }
ospf_adjacencies() { count_matches up 'show ip ospf neighbor' 'Full/'; }
bfd_sessions() { count_matches "$1" 'show bfd peers brief' ' up *$'; }

all_bgp_established() { (($(bgp_sessions) == gateways + 1)); }
all_ospf_full() { (($(ospf_adjacencies) == gateways)); }
all_bfd_up() { (($(bfd_sessions rr) == gateways + 1 && $(bfd_sessions up) == gateways)); }

has_upstream_route() { [[ -n $(ip -n "$(lab_ns gw "$1")" route show "$LAB_UPSTREAM_LOOPBACK") ]]; }

# Adjacency is not yet routing: the routes come later.
gateways_with_route() {
    local gateway count=0
    for ((gateway = 1; gateway <= gateways; gateway++)); do
        if has_upstream_route "$gateway"; then count=$((count + 1)); fi
    done
    lab_say "$count"
}

all_routes_there() { (($(gateways_with_route) == gateways)); }

bfd_summary() { lab_say "$(bfd_sessions rr) and $(bfd_sessions up)"; }

# A lab that does not converge is left as it is: that is what somebody will want to look at.
wait_for_convergence() {
    converge all_bgp_established bgp_sessions "of $((gateways + 1)) BGP sessions"
    converge all_ospf_full ospf_adjacencies "of $gateways OSPF adjacencies"
    converge all_routes_there gateways_with_route "of $gateways gateways have a route to the upstream router"
    if ((bfd)); then converge all_bfd_up bfd_summary "of $((gateways + 1)) and of $gateways BFD sessions"; fi
}

# converge CONDITION COUNT TEXT: COUNT prints how far it came.
converge() {
    lab_wait "$CONVERGENCE_SECONDS" "$1" ||
        lab_fail "after $CONVERGENCE_SECONDS s: $("$2") $3; the lab is left for a look, logs: $(lab_log_directory)/"
}

# --- up and down ------------------------------------------------------------------------------------------------------

up() {
    read_size "$@"
    need_root
    need_tools
    need_absence
    # A lab that is half built is of no use to anybody, and would stand in the way of the next.
    trap 'remove_everything; exit 1' EXIT
    make_namespaces
    make_switches
    make_routers
    make_stations
    if ((routing)); then start_routing; else start_flooding; fi
    if ((primed)); then prime_gateways; fi
    trap - EXIT
    if ((routing)); then wait_for_convergence; fi
    summary
}

summary() {
    cat <<END
lab $LAB_PREFIX: $gateways gateways, $vnis VNIs, $stations stations; $(routing_summary); built in $SECONDS s
  gateways   $(lab_ns gw)1 to $gateways, $(lab_gateway_address 1) to $(lab_gateway_address "$gateways"), all protodown
  others     $(lab_ns ap) 10.0.1.$ACCESS_POINT_OCTET, $(lab_ns up) 10.0.2.1 and $LAB_UPSTREAM_LOOPBACK, $(lab_ns fab)
  stations   $(station_summary)
  commands   ip netns exec $(lab_ns gw 1) ip -br link show type macvlan
END
    if ((routing)); then frr_summary; fi
    lab_say "  remove it  $(removal)"
}

# The command that removes this lab, and not somebody else's.
removal() {
    if [[ $LAB_PREFIX == "$LAB_DEFAULT_PREFIX" ]]; then lab_say "lab.sh down"; else lab_say "WMGWD2_LAB=$LAB_PREFIX lab.sh down"; fi
}

routing_summary() {
    if ((routing)); then lab_say "BGP established, OSPF full"; else lab_say "no routing"; fi
}

frr_summary() {
    cat <<END
             vtysh -N $(lab_ns rr) -c 'show bgp l2vpn evpn route type macip'
             vtysh -N $(lab_ns up) -c 'show ip route ospf'
  reflector  $(lab_ns rr) 10.0.1.$LAB_REFLECTOR_OCTET
  logs       $(lab_log_directory)/
END
}

station_summary() {
    if ((stations)); then
        lab_say "$(lab_ns st)1 to $stations, $(lab_station_ip 1) to $(lab_station_ip "$stations")"
    else
        lab_say none
    fi
}

down() {
    (($# == 0)) || lab_usage_error "down takes no arguments; see --help"
    need_root
    need_tool ip iproute2
    remove_everything
}

remove_everything() {
    local namespaces namespace
    mapfile -t namespaces < <(lab_namespaces)
    if ((${#namespaces[@]})); then
        end_processes "${namespaces[@]}"
        warn_of_bridges "${namespaces[@]}"
        for namespace in "${namespaces[@]}"; do remove_devices "$namespace"; done
        printf 'netns delete %s\n' "${namespaces[@]}" | ip -batch -
    fi
    remove_directories "$FRR_CONFIG"
    remove_directories "$FRR_STATE"
    rm -rf -- "$(lab_log_directory)"
}

# Removing a bridge takes the kernel 17 ms, in which it holds the lock that every network change on this machine needs.
# Left to the end of the namespace, a thousand bridges would be one such period, and it would begin after this script.
remove_devices() {
    local group=1
    while ip -n "$1" link delete group "$group" 2>/dev/null; do group=$((group + 1)); done
}

warn_of_bridges() {
    local namespace count=0
    for namespace in "$@"; do
        count=$((count + $(ip -n "$namespace" -o link show type bridge | wc -l)))
    done
    if ((count > 200)); then lab_say "removing $count bridges: about $((count / 50)) s"; fi
}

# Asked politely first: a packet capture wants to write its last packets, and FRR to remove its temporary files.
end_processes() {
    local signal=TERM started=$SECONDS pids
    while true; do
        mapfile -t pids < <(processes_in "$@")
        ((${#pids[@]})) || return 0
        ((SECONDS - started < 60)) || lab_fail "these processes do not end: ${pids[*]}"
        if ((SECONDS - started >= 3)); then signal=KILL; fi
        kill -"$signal" "${pids[@]}" 2>/dev/null || true
        sleep 0.1
    done
}

# Not this script itself, should somebody run it from within a namespace of the lab.
processes_in() {
    local namespace
    for namespace in "$@"; do ip netns pids "$namespace"; done | grep -vx "$$" || true
}

remove_directories() {
    find "$1" -maxdepth 1 -type d -regextype posix-extended \
        -regex "$1/${LAB_PREFIX}-(gw[0-9]+|rr|ap|up)" -exec rm -rf -- {} + 2>/dev/null || true
}

main() {
    lab_check_prefix
    case ${1-} in
        up | down) "$@" ;;
        daemons-within) shift; daemons_within "$@" ;;
        -h | --help | help) usage ;;
        '') usage >&2; exit 2 ;;
        *) lab_usage_error "unknown command '$1'; see --help" ;;
    esac
}

main "$@"
