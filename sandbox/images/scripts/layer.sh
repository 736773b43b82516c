#!/bin/bash
# Makes one layer of an image: Debian packages, accounts, files, and what a script does, over the layers below.
# It runs in a mount namespace of its own, so nothing stays mounted when it ends.
# $BELOW: folder of the root below; $UPPER: empty folder, of what is added; $WORK: empty folder on the same file system;
# $DEBS: folder that keeps downloaded packages; $PACKAGES: their names; $ACCOUNTS: "name uid gid home" a line;
# $SETUP: script to run in the root, or empty.
set -euo pipefail

root=$WORK/root
mkdir -p "$root" "$WORK/overlay" "$DEBS/partial"
mount -t overlay overlay -o "lowerdir=$BELOW,upperdir=$UPPER,workdir=$WORK/overlay" "$root"
mount -t proc proc "$root/proc"
# Where it is missing, packages fail that link pages of the manual.
mkdir -p "$root/usr/share/man/man1"

while read -r name uid gid home; do
  [ -n "$name" ] || continue
  chroot "$root" getent group "$gid" >/dev/null || chroot "$root" groupadd --gid "$gid" "$name"
  chroot "$root" useradd --uid "$uid" --gid "$gid" --home-dir "$home" --no-create-home --shell /usr/sbin/nologin "$name"
done <<<"${ACCOUNTS:-}"

if [ -n "$PACKAGES" ]; then
  # apt runs here, with this machine's sources, and dpkg in the root.
  mkdir -p "$root$DEBS"
  mount --bind "$DEBS" "$root$DEBS"
  # shellcheck disable=SC2086 # one word a package
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
    -o "Dir::State::Status=$root/var/lib/dpkg/status" -o "Dir::State::Extended_States=$root/var/lib/apt/extended_states" \
    -o "Dir::Cache::Archives=$DEBS" -o "Dir::Log=$WORK" -o Debug::NoLocking=1 -o APT::Sandbox::User=root \
    -o "DPkg::Chroot-Directory=$root" -o DPkg::Options::=--force-unsafe-io \
    -o "DPkg::Options::=--path-exclude=/usr/share/doc/*" -o "DPkg::Options::=--path-exclude=/usr/share/man/*" \
    -o "DPkg::Options::=--path-exclude=/usr/share/locale/*" install $PACKAGES </dev/null
  umount "$root$DEBS"
  rmdir -p --ignore-fail-on-non-empty "$root$DEBS"
fi
if [ -n "${SETUP:-}" ]; then
  cp "$SETUP" "$root/setup.sh"
  chroot "$root" bash /setup.sh
  rm "$root/setup.sh"
fi
umount "$root/proc" "$root"

# What was taken away is an empty device to the kernel, and a name to an image.
find "$UPPER" -type c | while read -r gone; do
  rm "$gone"
  touch "$(dirname "$gone")/.wh.$(basename "$gone")"
done
rm -rf "$UPPER"/var/{cache,log}/* "$UPPER/var/lib/apt" "$UPPER"/tmp/*
