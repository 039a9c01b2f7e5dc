# What guard and hook have in common: how a workload stands to the exclusion.
live_terms='{.spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms}'

# compare FILE KIND NAMESPACE NAME: $state is wanted, expected, unknown, absent or unreadable; $live are the terms as
# the API server prints them, $version the resourceVersion that they were read at.
compare() {
  live=$(kubectl -n "$3" get "$2" "$4" --ignore-not-found -o "jsonpath={.metadata.resourceVersion} $live_terms" </dev/null) || {
    state=unreadable
    return 0
  }
  version=${live%% *}
  live=${live#* }
  if [ -z "$version" ]; then
    state=absent
    return 0
  fi
  [ -n "$live" ] || live='[]'
  case $live in
    "$(cat "${dir:?}/$1.wanted.json")") state=wanted ;;
    "$(cat "${dir:?}/$1.expected.json")") state=expected ;;
    *)
      state=unknown
      printf 'existingNodeSelectorTerms: %s\n' "$live"
      ;;
  esac
}

# about KIND NAMESPACE NAME: the sentence for $state.
about() {
  case $state in
    absent) printf '%s' "$1 $2/$3 is not there: correct cluster.cni in hybrid.yaml" ;;
    unreadable) printf '%s' "cannot read $1 $2/$3: may this ServiceAccount get it, and does the API server answer?" ;;
    *) printf '%s' "$1 $2/$3 requires nodeSelectorTerms that hybrid.yaml does not know, nothing was changed: put the line existingNodeSelectorTerms of this pod's log into the spec" ;;
  esac
}
