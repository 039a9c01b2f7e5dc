#!/bin/sh
# Keeps the on-prem CNI, and whatever else is listed beside this file, off cloud nodes.
#
# For every workload: nothing to do when it has the wanted nodeSelectorTerms; a patch when it has those that the
# spec expects; a refusal, with the terms it does have, in every other case, because a patch replaces the list as a
# whole and would lose them.
set -eu

dir=${HYBRIDC_DIR:-/etc/hybridc/cni-exclusion}
message=${HYBRIDC_MESSAGE:-/dev/termination-log}
state=
version=

refuse() {
  printf '%s\n' "$1" >&2
  # The termination message of a Pod hook is the one sentence that reaches the Application's status.
  printf '%s' "$1" >"$message" || :
  exit 1
}

[ -s "$dir/terms.sh" ] && [ -s "$dir/objects" ] ||
  refuse "the instructions of this pod are missing or empty (ConfigMap kube-system/hybridc-cni-exclusion)"
# shellcheck source=/dev/null
. "$dir/terms.sh"

# exclude FILE KIND NAMESPACE NAME [optional]: one attempt; 2 when the object is not as it was left.
exclude() {
  compare "$1" "$2" "$3" "$4"
  case $state in
    wanted)
      echo "$2 $3/$4: stays off cloud nodes"
      return 0
      ;;
    expected) ;;
    absent)
      [ -n "${5-}" ] || refuse "$(about "$2" "$3" "$4")"
      echo "$2 $3/$4 is not there, which the spec accepts"
      return 0
      ;;
    *) refuse "$(about "$2" "$3" "$4")" ;;
  esac
  patch=$(cat "$dir/$1.patch.json")
  # The version makes the API server refuse the patch when the object is no longer the one that was compared.
  patch="{\"metadata\":{\"resourceVersion\":\"$version\"},${patch#\{}"
  kubectl -n "$3" patch "$2" "$4" --type=strategic -p "$patch" </dev/null || return 2
  echo "$2 $3/$4: patched; its pods restart one after the other"
  # Who renders the object anew has done so by the next look.
  return 2
}

while read -r file kind namespace name optional; do
  attempt=1
  until exclude "$file" "$kind" "$namespace" "$name" "$optional"; do
    [ "$attempt" -lt 5 ] || refuse "$kind $namespace/$name could not be patched, or did not stay so; the log of this pod says why"
    attempt=$((attempt + 1))
    sleep 2
  done
done <"$dir/objects"
