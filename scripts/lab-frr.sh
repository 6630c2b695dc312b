# shellcheck shell=bash
# The lab's FRR: what each router is configured with, and how its daemons are started. lab.sh sources it and sets
# `gateways` (how many) and `bfd` (0 or 1).
# shellcheck disable=SC2154 # lab.sh sets gateways, bfd and here

FRR_DAEMONS=/usr/lib/frr
FRR_CONFIG=/etc/frr
FRR_STATE=/var/run/frr

ACCESS_POINT_OCTET=100

# --- configuration ----------------------------------------------------------------------------------------------------

frr_config() {
    lab_say "ip nht resolve-via-default"
    if ((bfd)); then bfd_profile; fi
    case $1 in
        gw*) lab_say "ip forwarding"; gateway_config "${1#gw}" ;;
        rr) bgp_config "10.0.1.$LAB_REFLECTOR_OCTET" ;;
        ap) bgp_config "10.0.1.$ACCESS_POINT_OCTET" ;;
        up) lab_say "ip forwarding"; upstream_config ;;
    esac
}

bfd_profile() {
    cat <<END
bfd
 profile lab
  detect-multiplier 3
  receive-interval 50
  transmit-interval 50
 exit
exit
END
}

gateway_config() {
    ospf_interface fabric 1
    ospf_interface uplink 0
    bgp_config "$(lab_gateway_address "$1")"
    ospf_config "$(lab_gateway_address "$1")"
}

upstream_config() {
    ospf_interface uplink 255
    ospf_config 10.0.2.1
}

# bgp_config ADDRESS. Only the reflector names all; the others peer with it alone. The connect timer is for a lab that is
# up soon: a peer that starts first would try again only after 120 s.
bgp_config() {
    cat <<END
router bgp 65000
 bgp router-id $1
 no bgp default ipv4-unicast
 neighbor fabric peer-group
 neighbor fabric remote-as 65000
 neighbor fabric capability extended-nexthop
 neighbor fabric ebgp-multihop 5
 neighbor fabric timers 1 3
 neighbor fabric timers connect 1
$(if ((bfd)); then printf ' neighbor fabric bfd%s\n' '' ' profile lab'; fi)
$(bgp_neighbors "$1")
 address-family l2vpn evpn
  neighbor fabric activate
$(if [[ $1 == "10.0.1.$LAB_REFLECTOR_OCTET" ]]; then lab_say "  neighbor fabric route-reflector-client"; fi)
  advertise-all-vni
  advertise-svi-ip
 exit-address-family
exit
END
}

bgp_neighbors() {
    local gateway peers=("10.0.1.$LAB_REFLECTOR_OCTET")
    if [[ $1 == "${peers[0]}" ]]; then
        peers=("10.0.1.$ACCESS_POINT_OCTET")
        for ((gateway = 1; gateway <= gateways; gateway++)); do peers+=("$(lab_gateway_address "$gateway")"); done
    fi
    printf ' neighbor %s peer-group fabric\n' "${peers[@]}"
}

# ospf_interface NAME PRIORITY. A dead interval of one second also is the wait before the first election. The upstream
# router is always the designated one: then every gateway is fully adjacent to it, and no crash starts an election.
ospf_interface() {
    lab_say "interface $1"
    lab_say " ip ospf dead-interval minimal hello-multiplier 4"
    lab_say " ip ospf priority $2"
    lab_say " no ip ospf passive"
    if ((bfd)); then printf ' ip ospf bfd%s\n' '' ' profile lab'; fi
    lab_say "exit"
}

# The timers: with FRR's own, upstream follows a move 50 ms later, 1,000 moves at once 10 s later, and the lab's first
# convergence takes 10 s longer. With no delay at all, 1,000 moves take half a minute: each of them is flooded and
# calculated by itself. Passive on the VNIs' interfaces: stations have no business in OSPF; with more than 18 VNIs ospfd
# runs into the kernel's limit on multicast memberships; and its hello would announce the virtual MAC before the daemon.
ospf_config() {
    cat <<END
router ospf
 ospf router-id $1
 passive-interface default
 timers throttle spf 0 20 200
 timers throttle lsa all 50
 timers lsa min-arrival 0
 network 0.0.0.0/0 area 0.0.0.0
exit
END
}

# --- daemons ----------------------------------------------------------------------------------------------------------

# frr_daemons NAME: zebra is the first, for the others connect to it.
frr_daemons() {
    lab_say zebra
    if ((bfd)); then lab_say bfdd; fi
    case $1 in
        gw*) lab_say bgpd ospfd ;;
        up) lab_say ospfd ;;
        *) lab_say bgpd ;;
    esac
}

# start_frr NAME. vtysh wants a vtysh.conf; that it is empty means that one file, frr.conf, configures all daemons.
start_frr() {
    local namespace
    namespace=$(lab_ns "$1")
    install -d -o frr -g frr -m 750 "$FRR_CONFIG/$namespace" "$FRR_STATE/$namespace"
    install -o frr -g frr -m 640 /dev/null "$FRR_CONFIG/$namespace/vtysh.conf"
    install -o frr -g frr -m 640 /dev/null "$(lab_log_file "$1")"
    frr_config "$1" | install -o frr -g frr -m 640 /dev/stdin "$FRR_CONFIG/$namespace/frr.conf"
    # shellcheck disable=SC2046 # one word for each daemon
    ip netns exec "$namespace" "$here/lab.sh" daemons-within "$1" $(frr_daemons "$1")
    vtysh -N "$namespace" -b
}

lab_log_file() { printf '%s/%s.log\n' "$(lab_log_directory)" "$(lab_ns "$1")"; }

# Runs inside the namespace, as a command of its own. No TCP port for vty (-P 0), and Debian's netlink buffer, for zebra
# hears about thousands of devices. What FRR writes before its log is open goes to the log too.
daemons_within() {
    local name=$1 daemon options
    shift
    keep_frr_to_itself "$(lab_ns "$name")"
    for daemon in "$@"; do
        options=(-d -N "$(lab_ns "$name")" -P 0 --log "file:$(lab_log_file "$name")" --log-level informational)
        if [[ $daemon == zebra ]]; then options+=(-s 90000000); fi
        "$FRR_DAEMONS/$daemon" "${options[@]}" 2>>"$(lab_log_file "$name")"
    done
}

# Two things FRR writes outside its path space: crash logs below /var/tmp, and ospfd's note for a graceful restart in
# /var/run/frr, where two labs and the machine's own FRR would share it. `ip netns exec` has made these mounts private,
# and they go when the last daemon ends.
keep_frr_to_itself() {
    mount -t tmpfs none /var/tmp
    mkdir /var/tmp/state
    mount --bind "$FRR_STATE/$1" /var/tmp/state
    mount -t tmpfs none "$FRR_STATE"
    mkdir "$FRR_STATE/$1"
    mount --bind /var/tmp/state "$FRR_STATE/$1"
}

start_routing() {
    local name pids=() pid
    # Not -p: a directory of that name that somebody else has put into /tmp is none to write to as root.
    mkdir -m 755 "$(lab_log_directory)"
    chown frr:frr "$(lab_log_directory)"
    for name in $(routers); do
        start_frr "$name" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || lab_fail "FRR did not start; see $(lab_log_directory)/"
    done
}
