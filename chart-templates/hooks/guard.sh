#!/bin/sh
# Looks before a sync changes anything, and refuses with a sentence what would break a running cluster, or a node that
# joins it. The file "checks" says what is looked at; each check reads the file of its name, a line for each object.
set -eu

dir=${HYBRIDC_DIR:-/etc/hybridc/guard}
message=${HYBRIDC_MESSAGE:-/dev/termination-log}
why=
state=

# accepted CODE SENTENCE: whether the spec accepts the code; it is told, with the reason.
accepted() {
  [ -f "$dir/accepted" ] || return 1
  reason=$(sed -n "s/^$1 //p" "$dir/accepted")
  [ -n "$reason" ] || return 1
  printf '%s\n' "accepted, $1: $2" "  because: $reason"
}

# tell CODE SENTENCE: for the log only.
# shellcheck disable=SC2329
tell() {
  accepted "$1" "$2" || printf '%s\n' "$1: $2"
}

# found CODE SENTENCE: a reason to refuse, unless the spec accepts the code.
found() {
  ! accepted "$1" "$2" || return 0
  printf '%s\n' "$1: $2" >&2
  why="$why${why:+; }$1: $2"
}

# Ends the look: with 1 and every reason when there is one.
decide() {
  if [ -z "$why" ]; then
    echo "nothing in the way of this sync"
    exit 0
  fi
  # The termination message of a Pod hook is the one sentence that reaches the Application's status; it has 4096 bytes.
  printf '%.4000s' "$why" >"$message" || :
  exit 1
}

# look NAMESPACE KIND NAME OUTPUT: nothing when the object is not there; 1 when it cannot be read.
look() {
  kubectl -n "$1" get "$2" "$3" --ignore-not-found -o "$4" </dev/null
}

unreadable() {
  state=unreadable
  found GIT041 "$(about "$1" "$2" "$3")"
}

# has LIST WORD: whether the word is in the list.
has() {
  case " $1 " in
    *" $2 "*) return 0 ;;
    *) return 1 ;;
  esac
}

# Terway runs on the keys in eni-config until the Secret is there; this sync empties them.
credentials() {
  while read -r namespace secret keys; do
    there=$(look "$namespace" secret "$secret" 'go-template={{range $key, $value := .data}}{{if $value}}{{$key}} {{end}}{{end}}') || {
      unreadable secret "$namespace" "$secret"
      continue
    }
    for key in $keys; do
      has "$there" "$key" ||
        found SEC010 "Secret $namespace/$secret has no $key, and Terway would lose its AccessKey: create the Secret first"
    done
  done <"$dir/credentials"
}

# A client-side apply deletes what the last-applied annotation names and the new object does not. What hybridc wrote
# may go: the object says which keys those are.
keys() {
  while read -r namespace name wanted; do
    if ! applied=$(look "$namespace" configmap "$name" 'jsonpath={.metadata.annotations.kubectl\.kubernetes\.io/last-applied-configuration}') ||
      ! ours=$(look "$namespace" configmap "$name" 'jsonpath={.metadata.annotations.hybridc\.dev/keys}'); then
      unreadable configmap "$namespace" "$name"
      continue
    fi
    [ -n "$applied" ] || continue
    there=$(printf '%s' "$applied" | kubectl annotate --local -f - hybridc.dev/read=yes -o 'go-template={{range $key, $value := .data}}{{$key}} {{end}}') || {
      found GIT040 "ConfigMap $namespace/$name has a last-applied annotation that cannot be read: remove it"
      continue
    }
    for key in $there; do
      has "$wanted $ours" "$key" ||
        found GIT040 "ConfigMap $namespace/$name was made by kubectl apply and this sync would delete its key $key; keep it with: kubectl -n $namespace annotate configmap $name kubectl.kubernetes.io/last-applied-configuration-"
    done
  done <"$dir/keys"
}

# Terway takes 10-terway.conflist when there is one, whatever 10-terway.conf says.
conflist() {
  while read -r namespace name key; do
    if ! there=$(look "$namespace" configmap "$name" "go-template={{with .data}}{{with index . \"$key\"}}yes{{end}}{{end}}") ||
      ! ours=$(look "$namespace" configmap "$name" 'jsonpath={.metadata.annotations.hybridc\.dev/keys}'); then
      unreadable configmap "$namespace" "$name"
      continue
    fi
    [ -z "$there" ] || has "$ours" "$key" ||
      found ENI040 "ConfigMap $namespace/$name has a $key of somebody else, which Terway takes instead of what hybrid.yaml says: write it as terway.cniChain, or remove the key"
  done <"$dir/conflist"
}

# A kubelet must not be newer than the API server.
version() {
  wanted=$(cat "$dir/version")
  answer=$(kubectl get --raw /version </dev/null) || answer=
  there=$(printf '%s' "$answer" | sed -n 's/.*"minor": *"\([0-9][0-9]*\).*/\1/p')
  if [ -z "$there" ]; then
    found GIT041 "the API server does not tell its version"
  elif [ "$there" -lt "$wanted" ]; then
    found VER020 "the API server is 1.$there and new nodes would get kubelet 1.$wanted: upgrade the control plane first, or correct kubernetesVersion"
  fi
}

# What the hook or a server-side apply is going to patch: its own comparison, and nothing done.
terms() {
  while read -r file kind namespace name _; do
    compare "$file" "$kind" "$namespace" "$name"
    case $state in
      unknown) found CNI041 "$(about "$kind" "$namespace" "$name")" ;;
      absent) found CNI040 "$(about "$kind" "$namespace" "$name")" ;;
      unreadable) unreadable "$kind" "$namespace" "$name" ;;
    esac
  done <"$dir/terms"
}

# What somebody else keeps off cloud nodes must be kept off them by now.
excluded() {
  while read -r kind namespace name; do
    there=$(look "$namespace" "$kind" "$name" "go-template-file=$dir/keeps-off.gotmpl") || {
      unreadable "$kind" "$namespace" "$name"
      continue
    }
    state=absent
    case $there in
      off) ;;
      on) found CNI042 "$kind $namespace/$name would run on cloud nodes, where Terway is: bring the exclusion there first, as SUMMARY.md says" ;;
      *) found CNI040 "$(about "$kind" "$namespace" "$name")" ;;
    esac
  done <"$dir/excluded"
}

# A server-side apply of a part takes what its manager had applied beside it: what is Argo CD's already, at once, and
# what kubectl apply once made, which is given to it as a whole, at the next one.
partial() {
  while read -r kind namespace name; do
    there=$(look "$namespace" "$kind" "$name" "go-template-file=$dir/owners.gotmpl") || {
      unreadable "$kind" "$namespace" "$name"
      continue
    }
    case $there in
      *kubectl*) found CNI043 "$kind $namespace/$name was made by kubectl apply, and delivery ssa would break it at the second sync: use cluster.cni.delivery hook" ;;
      *argocd*) found CNI043 "$kind $namespace/$name was made by Argo CD, server-side, and delivery ssa would take all else from it: use cluster.cni.delivery hook" ;;
    esac
  done <"$dir/partial"
}

for file in checks terms.sh reach.sh; do
  [ -s "$dir/$file" ] || {
    found GIT041 "the guard's instructions are missing or empty ($file in ConfigMap kube-system/hybridc-guard), so nothing was looked at"
    decide
  }
done
# shellcheck source=/dev/null
. "$dir/terms.sh"
# shellcheck source=/dev/null
. "$dir/reach.sh"
while read -r check; do
  if [ ! -s "$dir/$check" ]; then
    found GIT041 "the guard's instructions for $check are missing or empty"
    continue
  fi
  case $check in
    terms) terms ;;
    excluded) excluded ;;
    partial) partial ;;
    credentials) credentials ;;
    keys) keys ;;
    conflist) conflist ;;
    version) version ;;
    join | proxy | nodes)
      # shellcheck source=/dev/null
      . "$dir/look-$check.sh"
      ;;
    *) found GIT041 "the guard knows no check $check" ;;
  esac
done <"$dir/checks"
decide
