#!/usr/bin/env bash
# Runs a node script on a throw-away copy of this machine's root file system: sandbox.sh WORK INTERPRETER...
# WORK holds files/ (put over the root), stubs/ (go to /usr/local/sbin, first in the script's PATH), environment
# and, afterwards, changes/ (what the run wrote), run (what it left in /run) and calls (of the stubs).
set -euo pipefail
work=$1
shift
mount -t tmpfs tmpfs "$work/fs"
mkdir "$work/fs/upper" "$work/fs/work" "$work/fs/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/fs/upper,workdir=$work/fs/work" "$work/fs/root"
root=$work/fs/root
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/sys/class/net"
mkdir "$root/sys/class/net/$(<"$work/interface")"
if [[ -e $work/cgroup1 ]]; then mount -t tmpfs tmpfs "$root/sys/fs/cgroup"; fi
mkdir "$root/stub"
mount --bind "$work/out" "$root/stub"
rm -rf "$root/etc/kubernetes" "$root/var/lib/kubelet" "$root/var/lib/hybridc" "$root/etc/cni" "$root/etc/containerd"
cp -a "$work/stubs/." "$root/usr/local/sbin/"
cp -a "$work/files/." "$root/"
mapfile -d '' -t environment <"$work/environment"
status=0
chroot "$root" /usr/bin/env -i "${environment[@]}" "$@" </dev/null >"$work/output" 2>&1 || status=$?
ls -A "$root/run" >"$work/run"
for folder in etc var/lib usr/bin usr/local opt; do
  if [[ -d $work/fs/upper/$folder ]]; then
    mkdir -p "$work/changes/$folder"
    cp -a "$work/fs/upper/$folder/." "$work/changes/$folder/"
  fi
done
exit "$status"
