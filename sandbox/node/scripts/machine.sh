#!/bin/bash
# The first process of the sandbox's machine: makes its view of the system, then collects processes that nobody waits for.
# It runs in namespaces of its own (mounts, network, processes), so everything here is gone when it ends.
# $FOLDER: files of the machine; $CGROUP: its control group, in every hierarchy; $NAME: its host name; $ADDRESS: of its link;
# $OUTSIDE: address of all names outside; $SERVERS: addresses there that have servers of their own.
set -euo pipefail

hostname "$NAME"
mkdir -p "$FOLDER"/{varlog,varlibcni,kubelet,containerd,sysctl,volumes} /var/lib/cni /var/lib/kubelet
groups=/sys/fs/cgroup
[ ! -e "$groups/cgroup.controllers" ] || unified=yes
mount -t sysfs sysfs /sys

if [ -n "${unified:-}" ]; then
  # Groups of version 2, one hierarchy.
  mount -t cgroup2 cgroup "$groups"
  mkdir -p "$groups/$CGROUP"
  # A kubelet insists on each that it knows and the root has: on hugetlb, too, where the kernel has huge pages.
  for controller in cpuset cpu io memory hugetlb pids; do
    grep -qw "$controller" "$groups/cgroup.controllers" || continue
    echo "+$controller" >"$groups/cgroup.subtree_control"
    echo "+$controller" >"$groups/$CGROUP/cgroup.subtree_control"
  done
else
  # Groups of version 1, one hierarchy for each controller.
  mount -t tmpfs -o mode=755 tmpfs "$groups"
  for controller in cpu cpuacct cpuset memory devices freezer blkio pids; do
    mkdir "$groups/$controller"
    mount -t cgroup -o "$controller" cgroup "$groups/$controller"
    mkdir -p "$groups/$controller/$CGROUP"
  done
  mkdir "$groups/systemd"
  mount -t cgroup -o none,name=systemd cgroup "$groups/systemd"
  mkdir -p "$groups/systemd/$CGROUP"
  for file in cpuset.cpus cpuset.mems; do cat "$groups/cpuset/$file" >"$groups/cpuset/$CGROUP/$file"; done
fi

mount -t tmpfs -o mode=755 tmpfs /run
mount --bind "$FOLDER/varlog" /var/log
mount --bind "$FOLDER/varlibcni" /var/lib/cni
mount --bind "$FOLDER/kubelet" /var/lib/kubelet

# Values that a kubelet insists on. It is shown these files, and the machine around keeps its own values.
while read -r key value; do
  echo "$value" >"$FOLDER/sysctl/$key"
  mount --bind "$FOLDER/sysctl/$key" "/proc/sys/${key//.//}"
done <<'KEYS'
vm.overcommit_memory 1
vm.panic_on_oom 0
kernel.panic 10
kernel.panic_on_oops 1
kernel.keys.root_maxkeys 1000000
kernel.keys.root_maxbytes 25000000
KEYS
mount --make-rshared /

ip link set lo up
touch "$FOLDER/mounted"
for _ in $(seq 1200); do
  ip link show eth0 >/dev/null 2>&1 && break
  sleep 0.05
done
ip addr add "$ADDRESS/30" dev eth0
ip link set eth0 up
echo 1 >/proc/sys/net/ipv4/ip_forward

# What is outside the cluster: a network behind the node where every address has every TCP port, and all lead to one server but
# those of the addresses that have servers of their own.
# There is no way to the machine around but to its end of the link.
ip netns add outside
ip link add outside type veth peer name eth0 netns outside
ip addr add "${OUTSIDE%.*}.1/24" dev outside
ip link set outside up
ip -n outside link set lo up
ip -n outside addr add "$OUTSIDE/24" dev eth0
for server in $SERVERS; do ip -n outside addr add "$server/24" dev eth0; done
ip -n outside link set eth0 up
ip -n outside route add default via "${OUTSIDE%.*}.1"
ip netns exec outside nft -f - <<RULES
table ip outside {
  chain prerouting {
    type nat hook prerouting priority dstnat;
    ip daddr { ${SERVERS// /, } } accept
    tcp dport 1-65535 redirect to :8080
  }
}
RULES
ip route add default via "$OUTSIDE"
# What pods send out of the cluster carries the node's address, as at DigitalOcean.
nft -f - <<'RULES'
table ip machine {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    oifname "outside" masquerade
  }
}
RULES
touch "$FOLDER/linked"
while true; do
  wait || true
  sleep 2
done
