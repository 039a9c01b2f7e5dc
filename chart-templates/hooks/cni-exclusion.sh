#!/bin/sh
# Keeps the on-prem CNI, and whatever else is listed beside this file, off cloud nodes.
#
# For every workload: nothing to do when it has the wanted nodeSelectorTerms; a patch when it has those that the
# spec expects; a refusal, with the terms it does have, in every other case, because a patch replaces the list as a
# whole and would lose them.
set -eu

dir=${HYBRIDC_DIR:-/etc/hybridc/cni-exclusion}
message=${HYBRIDC_MESSAGE:-/dev/termination-log}
terms='{.spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms}'

refuse() {
  printf '%s\n' "$1" >&2
  # The termination message of a Pod hook is the one sentence that reaches the Application's status.
  printf '%s' "$1" >"$message" || :
  exit 1
}

# exclude FILE KIND NAMESPACE NAME: one attempt; 2 when somebody else changed the object meanwhile.
exclude() {
  wanted=$(cat "$dir/$1.wanted.json")
  expected=$(cat "$dir/$1.expected.json")
  live=$(kubectl -n "$3" get "$2" "$4" -o "jsonpath={.metadata.resourceVersion} $terms" </dev/null) ||
    refuse "cannot read $2 $3/$4: is it there, and may this ServiceAccount get it?"
  version=${live%% *}
  live=${live#* }
  [ -n "$live" ] || live='[]'
  if [ "$live" = "$wanted" ]; then
    echo "$2 $3/$4: already stays off cloud nodes"
    return 0
  fi
  if [ "$live" != "$expected" ]; then
    printf 'existingNodeSelectorTerms: %s\n' "$live"
    refuse "$2 $3/$4 requires nodeSelectorTerms that hybrid.yaml does not know, nothing was changed: put the line existingNodeSelectorTerms of this pod's log into the spec"
  fi
  patch=$(cat "$dir/$1.patch.json")
  # The version makes the API server refuse the patch when the object is no longer the one that was compared.
  patch="{\"metadata\":{\"resourceVersion\":\"$version\"},${patch#\{}"
  kubectl -n "$3" patch "$2" "$4" --type=strategic -p "$patch" </dev/null || return 2
  echo "$2 $3/$4: now stays off cloud nodes; its pods restart one after the other"
}

while read -r file kind namespace name; do
  attempt=1
  until exclude "$file" "$kind" "$namespace" "$name"; do
    [ "$attempt" -lt 5 ] || refuse "$kind $namespace/$name could not be patched; the log of this pod says why"
    attempt=$((attempt + 1))
    sleep 2
  done
done <"$dir/objects"
