# kube-proxy on a cloud node: it must be scheduled there, and reach the API server from there. Without it no Service
# answers, that of the API server included, and Terway does not start. The file "proxy" says what cloud nodes have:
#   selected KEY…                    labels
#   taint POOL KEY =VALUE EFFECT     a taint of a pool
#   pods CIDR FIRST LAST             where their pods' addresses come from
proxy_labels=$(sed -n 's/^selected //p' "${dir:?}/proxy")

# tolerates KEY =VALUE EFFECT: whether one of $tolerations, lines "KEY|OPERATOR|VALUE|EFFECT", stands this taint.
tolerates() {
  while IFS='|' read -r name operator equal only; do
    [ -z "$only" ] || [ "$only" = "$3" ] || continue
    [ -z "$name" ] || [ "$name" = "$1" ] || continue
    case $operator in
      Exists) return 0 ;;
      Equal | '') [ "=$equal" != "$2" ] || return 0 ;;
    esac
  done <<TOLERATIONS
$tolerations
TOLERATIONS
  return 1
}

# proxy_taints: every taint of every pool.
proxy_taints() {
  while read -r word pool key value effect; do
    [ "$word" = taint ] || continue
    tolerates "$key" "$value" "$effect" ||
      found NODE042 "DaemonSet kube-system/kube-proxy does not tolerate the taint $key$([ "$value" = = ] || printf %s "$value"):$effect of pool $pool: no Service would answer there; let it tolerate everything (operator: Exists)"
  done <"${dir:?}/proxy"
}

# proxy_terms: the labels that its affinity requires. One term whose labels cloud nodes have is enough.
proxy_terms() {
  lacking=
  while read -r _ keys; do
    lacks=
    for key in $keys; do
      has "$proxy_labels" "$key" || lacks="$lacks${lacks:+, }$key"
    done
    [ -n "$lacks" ] || return 0
    lacking=$lacks
  done <<TERMS
${required:-- }
TERMS
  [ -z "$lacking" ] ||
    found NODE040 "DaemonSet kube-system/kube-proxy requires labels that cloud nodes lack ($lacking): no Service would answer there; put them into nodeInit.labels.extra, or let kube-proxy run everywhere"
}

# setting NAME: a top-level field of kube-proxy's configuration in $config, without quotes.
setting() {
  printf '%s\n' "$config" | sed -n "s/^$1: *//p" | sed "s/[\"' ]//g;s/#.*//"
}

# proxy_masquerade: what kube-proxy's configuration does to pods of cloud nodes. It takes the first range of a family.
proxy_masquerade() {
  mode=$(setting detectLocalMode) ranges=$(setting clusterCIDR)
  case $mode in
    ClusterCIDR | '') ;;
    NodeCIDR)
      tell NET034 "detectLocalMode NodeCIDR: kube-proxy ends on a Node without spec.podCIDR, and hides pods of cloud nodes behind their node's address where they ask a Service; kube-controller-manager must give cloud nodes a podCIDR"
      return 0
      ;;
    BridgeInterface)
      tell NET034 "detectLocalMode BridgeInterface: kube-proxy hides pods of cloud nodes, which are on no bridge, behind their node's address where they ask a Service"
      return 0
      ;;
    *) return 0 ;;
  esac
  for range in $(printf '%s\n' "$ranges" | sed 's/,/ /g'); do
    number "${range%/*}" && [ "${range#*/}" -le 32 ] 2>/dev/null || continue
    start=${number:?} end=$((number + (1 << (32 - ${range#*/})) - 1))
    while read -r word pods first last; do
      [ "$word" = pods ] && [ "$first" != - ] || continue
      [ "$first" -ge "$start" ] && [ "$last" -le "$end" ] ||
        tell NET034 "clusterCIDR of kube-proxy is $range: it hides pods of cloud nodes ($pods) behind their node's address where they ask a Service"
    done <"${dir:?}/proxy"
    return 0
  done
}

if server=$(look kube-system configmap kube-proxy 'jsonpath={.data.kubeconfig\.conf}') &&
  config=$(look kube-system configmap kube-proxy 'jsonpath={.data.config\.conf}'); then
  server=$(cluster_of "$server" server) || server=
  if [ -n "$server" ]; then
    dialled NET030 "kube-proxy dials" "$server" "no Service would answer" kube-system/kube-proxy
  else
    echo "not seen: which API server kube-proxy dials, because ConfigMap kube-system/kube-proxy has no kubeconfig.conf that says so"
  fi
  proxy_masquerade
else
  unreadable configmap kube-system kube-proxy
fi

if scheduled=$(look kube-system daemonset kube-proxy "go-template-file=${dir:?}/keeps-off.gotmpl") &&
  keys=$(look kube-system daemonset kube-proxy 'go-template={{range $key, $value := .spec.template.spec.nodeSelector}}{{$key}} {{end}}') &&
  required=$(look kube-system daemonset kube-proxy 'go-template={{with .spec.template.spec.affinity}}{{with .nodeAffinity}}{{with .requiredDuringSchedulingIgnoredDuringExecution}}{{range .nodeSelectorTerms}}-{{range .matchExpressions}}{{if or (eq .operator "In") (eq .operator "Exists")}} {{.key}}{{end}}{{end}}{{"\n"}}{{end}}{{end}}{{end}}{{end}}') &&
  tolerations=$(look kube-system daemonset kube-proxy 'go-template={{range .spec.template.spec.tolerations}}{{with .key}}{{.}}{{end}}|{{with .operator}}{{.}}{{end}}|{{with .value}}{{.}}{{end}}|{{with .effect}}{{.}}{{end}}{{"\n"}}{{end}}') &&
  images=$(look kube-system daemonset kube-proxy 'jsonpath={.spec.template.spec.containers[*].image}'); then
  case $scheduled in
    on)
      for key in $keys; do
        has "$proxy_labels" "$key" ||
          found NODE040 "DaemonSet kube-system/kube-proxy runs on nodes with the label $key only, which cloud nodes lack: no Service would answer there; put it into nodeInit.labels.extra, or let kube-proxy run everywhere"
      done
      proxy_terms
      proxy_taints
      echo "cloud nodes must be able to pull $images"
      ;;
    off) found NODE040 "DaemonSet kube-system/kube-proxy is kept off cloud nodes: no Service would answer there" ;;
    *) found NODE040 "DaemonSet kube-system/kube-proxy is not there: no Service would answer on cloud nodes, that of the API server included" ;;
  esac
else
  unreadable daemonset kube-system kube-proxy
fi
