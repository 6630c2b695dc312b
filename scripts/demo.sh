#!/usr/bin/env bash
# Shows what wmgwd2 does: three gateways with real FRR, one of which crashes while stations ping through it.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
# A lab of its own, so that it stands in nobody's way.
export WMGWD2_LAB=${WMGWD2_LAB:-wmdemo}
# shellcheck source=scripts/lab-lib.sh
source "$here/lab-lib.sh"

GATEWAYS=3
VNIS=12
UIDS=(0 1000001 1000002 1000003)
CRASHES=1
work=$(mktemp -d)

usage() {
    cat <<END
usage: demo.sh

As root, on a Debian with the .NET SDK and gcc. Installs what else it needs, builds dist/wmgwd2, builds a lab of network
namespaces ($GATEWAYS gateways, a route reflector, an access point with a station for each of $VNIS VNIs, an upstream
router; FRR with BGP EVPN and OSPF), starts wmgwd2 on each gateway, shows who owns what, pings from every station, crashes
a gateway, and shows what the kernel, BGP EVPN, OSPF and the stations saw of it. Removes all of it at the end.
END
}

headline() { printf '\n== %s\n' "$*"; }

wmgwd2() { "$root/dist/wmgwd2" "$@"; }

start_gateway() {
    ip netns exec "$(lab_ns gw "$1")" "$root/dist/wmgwd2" run --uid "${UIDS[$1]}" --minvni 1 --maxvni "$VNIS" \
        --control-socket "$work/gw$1.sock" 2>"$work/gw$1.log" &
    # So that the shell has nothing to say when it is killed.
    disown
}

status() { wmgwd2 status --control-socket "$work/gw$1.sock"; }

# settled GATEWAY...: each VNI has one owner, and it is one of these.
settled() {
    local gateway sum=0
    for gateway in "$@"; do sum=$((sum + $(lab_owned_count "$gateway"))); done
    ((sum == VNIS)) && for gateway in "$@"; do status "$gateway" | grep -q ': active' || return 1; done
}

owned_vnis() {
    local vni
    for ((vni = 1; vni <= VNIS; vni++)); do
        if lab_is_owner "$1" "$vni"; then lab_say "$vni"; fi
    done
}

# The line of a type-2 route, and the one after it, which has the next hop: the owner's VTEP.
type2_routes() {
    lab_vtysh "$1" 'show bgp l2vpn evpn route type macip' | grep -A1 -F "[$(lab_virtual_mac "$2")]" | grep -v '^--$' ||
        lab_say "(none)"
}

# The route, and its further next hops, if it has any.
ospf_route() {
    lab_vtysh up 'show ip route ospf' | awk -v prefix="$(lab_vni_address "$1" 0)/24" '
        /^O/ { shown = $2 == prefix }
        shown { print; found = 1 }
        END { if (!found) print "(none)" }'
}

show_routes() {
    headline "VNI $1: the EVPN type-2 route as the route reflector and the access point see it, the OSPF route upstream"
    lab_say "route reflector:"
    type2_routes rr "$1"
    lab_say "access point:"
    type2_routes ap "$1"
    lab_say "upstream router:"
    ospf_route "$1"
}

# As a machine that loses its power: everything on it stops, and its links carry nothing any more.
crash() {
    lab_cut "gw$1"
    mapfile -t pids < <(ip netns pids "$(lab_ns gw "$1")")
    kill -KILL "${pids[@]}"
}

give_up() {
    tail -n 20 "$work"/gw*.log
    lab_fail "the gateways did not settle; above is what they logged"
}

clean_up() {
    WMGWD2_LAB=$LAB_PREFIX "$here/lab.sh" down
    rm -rf "$work"
}

main() {
    case ${1-} in
        '') ;;
        -h | --help) usage; return ;;
        *) lab_usage_error "unknown argument '$1'; see --help" ;;
    esac
    ((EUID == 0)) || lab_fail "the demonstration makes network namespaces: run it as root"
    lab_check_prefix
    need_packages lld iproute2 procps frr iputils-ping iputils-arping
    build_if_stale
    trap clean_up EXIT

    headline "a lab: $GATEWAYS gateways, $VNIS VNIs, FRR"
    # Primed, as FRR is at a site where every gateway has served every VNI once; lab.sh --help says what happens without.
    WMGWD2_LAB_PRIMED=1 "$here/lab.sh" up "$GATEWAYS" "$VNIS"

    headline "wmgwd2 starts on each gateway, and listens for 3 s before it takes anything"
    local gateway vni
    for ((gateway = 1; gateway <= GATEWAYS; gateway++)); do start_gateway "$gateway"; done
    lab_wait 30 settled 1 2 3 || give_up
    sleep 3
    status 1

    mapfile -t moving < <(owned_vnis "$CRASHES")
    vni=${moving[0]}
    show_routes "$vni"

    headline "every station pings $LAB_UPSTREAM_LOOPBACK, 100 times a second; gateway $CRASHES crashes"
    for ((station = 1; station <= VNIS; station++)); do
        lab_ping "$station" "$LAB_UPSTREAM_LOOPBACK" "$work/ping$station" 12 &
        pings[station]=$!
    done
    sleep 2
    crash "$CRASHES"
    lab_wait 30 settled 2 3 || give_up
    wait "${pings[@]}"
    status 2
    show_routes "$vni"

    headline "the longest time without a reply, at each station"
    for ((station = 1; station <= VNIS; station++)); do
        local what="stayed where it was"
        for moved in "${moving[@]}"; do if ((moved == station)); then what="moved off gateway $CRASHES"; fi; done
        printf '  VNI %2d  %5d ms  %s\n' "$station" "$(longest_gap "$work/ping$station")" "$what"
    done
    lab_say "A crash is noticed after 3 s of silence; the rest is the take-over, BGP and OSPF."

    headline "what gateway 2 logged"
    sed 's/^<[0-9]>/  /' "$work/gw2.log"
}

main "$@"
