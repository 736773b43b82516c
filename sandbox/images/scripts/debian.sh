#!/bin/bash
# Makes the root below the images: a small Debian, of the release and from the source that this machine has.
# $1: folder, which must not exist.
set -euo pipefail

release=$(. /etc/os-release && echo "$VERSION_CODENAME")
# shellcheck disable=SC2016 # apt's own names
source=$(apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' | awk -v release="$release" '$2 == release && $3 == "main" { print $1; exit }')
export TMPDIR=${TMPDIR:-/tmp}
debootstrap --variant=minbase "$release" "$1" "$source" >"$1.log" 2>&1
printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
chmod 755 "$1/usr/sbin/policy-rc.d"
cd "$1"
rm -rf var/{cache,log}/* var/lib/apt/lists/* usr/share/{doc,man,locale,info}/* dev/*
