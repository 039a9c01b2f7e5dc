# kube-proxy on a cloud node: it must be scheduled there, and reach the API server from there. Without it no Service
# answers, that of the API server included, and Terway does not start. The file "proxy" says what cloud nodes know:
#   hosts NAME…      names that resolve there
#   selected KEY…    labels that they have
#   dial HOST:PORT   the API server as they dial it
proxy_hosts=$(sed -n 's/^hosts //p' "${dir:?}/proxy")
proxy_labels=$(sed -n 's/^selected //p' "${dir:?}/proxy")
proxy_dial=$(sed -n 's/^dial //p' "${dir:?}/proxy")

# proxy_server URL: whether a cloud node can dial it.
proxy_server() {
  host=${1#*://}
  host=${host%%/*}
  case $host in
    \[*) host=${host#\[} host=${host%%\]*} ;;
    *) host=${host%:*} ;;
  esac
  asked="kube-proxy dials $1 (ConfigMap kube-system/kube-proxy, kubeconfig.conf)"
  case $host in
    localhost | 127.* | ::1 | 0.0.0.0 | ::)
      found NET030 "$asked, which is the node itself: on a cloud node nothing listens there, and no Service would answer; let it dial $proxy_dial"
      return 0
      ;;
    *[!0-9.]*) ;;
    *) return 0 ;;
  esac
  case $host in *:*) return 0 ;; esac
  ! has "$proxy_hosts" "$host" || return 0
  # Only whether the name resolves: no kubeconfig, and a word that is nobody's token, or kubectl asks for a password.
  answer=$(kubectl --kubeconfig=/dev/null --token=none "--server=$1" --request-timeout=10s get --raw /version 2>&1 </dev/null) || :
  case $answer in
    *"lookup $host"*) found NET030 "$asked, a name that pods cannot resolve: on a cloud node no Service would answer; let it dial $proxy_dial, or give the name in nodeInit.hosts" ;;
  esac
}

if server=$(look kube-system configmap kube-proxy 'jsonpath={.data.kubeconfig\.conf}'); then
  server=$(printf '%s\n' "$server" | sed -n 's/^[[:space:]]*server:[[:space:]]*//p' | sed -n "1{s/[\"' ]//g;p;}")
  [ -z "$server" ] || proxy_server "$server"
else
  unreadable configmap kube-system kube-proxy
fi

if scheduled=$(look kube-system daemonset kube-proxy "go-template-file=${dir:?}/keeps-off.gotmpl") &&
  keys=$(look kube-system daemonset kube-proxy 'go-template={{range $key, $value := .spec.template.spec.nodeSelector}}{{$key}} {{end}}') &&
  images=$(look kube-system daemonset kube-proxy 'jsonpath={.spec.template.spec.containers[*].image}'); then
  case $scheduled in
    on)
      for key in $keys; do
        has "kubernetes.io/os kubernetes.io/arch beta.kubernetes.io/os $proxy_labels" "$key" ||
          found NODE040 "DaemonSet kube-system/kube-proxy runs on nodes with the label $key only, which cloud nodes lack: no Service would answer there; put it into nodeInit.labels.extra, or let kube-proxy run everywhere"
      done
      echo "cloud nodes must be able to pull $images"
      ;;
    off) found NODE040 "DaemonSet kube-system/kube-proxy is kept off cloud nodes: no Service would answer there" ;;
    *) found NODE040 "DaemonSet kube-system/kube-proxy is not there: no Service would answer on cloud nodes, that of the API server included" ;;
  esac
else
  unreadable daemonset kube-system kube-proxy
fi
