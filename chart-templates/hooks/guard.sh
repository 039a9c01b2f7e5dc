#!/bin/sh
# Looks before a sync changes anything, and refuses with a sentence what would break a running cluster.
# The files beside it name the objects to look at; a check without its file is not made.
set -eu

dir=${HYBRIDC_DIR:-/etc/hybridc/guard}
message=${HYBRIDC_MESSAGE:-/dev/termination-log}

refuse() {
  printf '%s\n' "$1" >&2
  # The termination message of a Pod hook is the one sentence that reaches the Application's status.
  printf '%s' "$1" >"$message" || :
  exit 1
}

# look NAMESPACE KIND NAME OUTPUT: nothing when the object is not there.
look() {
  kubectl -n "$1" get "$2" "$3" --ignore-not-found -o "$4" </dev/null ||
    refuse "cannot read $2 $1/$3: may the ServiceAccount hybridc-guard get it?"
}

# Terway runs on the keys in eni-config until the Secret is there; this sync empties them.
credentials() {
  while read -r namespace secret keys; do
    found=$(look "$namespace" secret "$secret" 'go-template={{range $key, $value := .data}}{{if $value}}{{$key}} {{end}}{{end}}')
    for key in $keys; do
      case " $found" in
        *" $key "*) ;;
        *) refuse "Secret $namespace/$secret has no $key, and Terway would lose its AccessKey: create the Secret first" ;;
      esac
    done
  done <"$dir/credentials"
}

# A client-side apply deletes what the last-applied annotation names and the new object does not.
foreign_keys() {
  while read -r namespace name keys; do
    applied=$(look "$namespace" configmap "$name" 'jsonpath={.metadata.annotations.kubectl\.kubernetes\.io/last-applied-configuration}')
    [ -n "$applied" ] || continue
    found=$(printf '%s' "$applied" | kubectl annotate --local -f - hybridc.dev/read=yes -o 'go-template={{range $key, $value := .data}}{{$key}} {{end}}') ||
      refuse "ConfigMap $namespace/$name has a last-applied annotation that cannot be read: remove it"
    for key in $found; do
      case " $keys " in
        *" $key "*) ;;
        *) refuse "ConfigMap $namespace/$name was made by kubectl apply and this sync would delete its key $key; keep it with: kubectl -n $namespace annotate configmap $name kubectl.kubernetes.io/last-applied-configuration-" ;;
      esac
    done
  done <"$dir/foreign-keys"
}

# A kubelet must not be newer than the API server.
version() {
  wanted=$(cat "$dir/kubelet-minor")
  answer=$(kubectl get --raw /version </dev/null) || refuse "the API server does not tell its version"
  found=$(printf '%s' "$answer" | sed -n 's/.*"minor": *"\([0-9][0-9]*\).*/\1/p')
  [ -n "$found" ] || refuse "the API server does not tell its version"
  [ "$found" -ge "$wanted" ] ||
    refuse "the API server is 1.$found and new nodes would get kubelet 1.$wanted: upgrade the control plane first, or correct kubernetesVersion"
}

workloads() {
  while read -r namespace kind name; do
    found=$(look "$namespace" "$kind" "$name" name)
    [ -n "$found" ] ||
      refuse "$kind $namespace/$name is not there: correct cluster.cni in hybrid.yaml"
  done <"$dir/workloads"
}

# What kubectl apply once made, a server-side apply of a part takes over as a whole, and the next one would empty it.
partial() {
  while read -r namespace kind name; do
    found=$(look "$namespace" "$kind" "$name" 'go-template={{range .metadata.managedFields}}{{if eq .operation "Update"}}{{with .fieldsV1}}{{with index . "f:metadata"}}{{range $key, $value := index . "f:annotations"}}{{if eq $key "f:kubectl.kubernetes.io/last-applied-configuration"}}yes{{end}}{{end}}{{end}}{{end}}{{end}}{{end}}')
    [ -z "$found" ] ||
      refuse "$kind $namespace/$name was made by kubectl apply, and delivery ssa would break it at the second sync: use cluster.cni.delivery hook"
  done <"$dir/partial"
}

for check in workloads partial credentials foreign_keys; do
  file=$(printf '%s' "$check" | tr _ -)
  [ ! -f "$dir/$file" ] || "$check"
done
[ ! -f "$dir/kubelet-minor" ] || version
echo "nothing in the way of this sync"
