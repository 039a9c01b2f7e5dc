# Nodes with the label of cloud nodes. One that is a machine of the IDC loses its network plugin to Terway. The file
# "nodes" has a line "idc CIDR FIRST LAST" for each range of the IDC's nodes, as numbers, and a line "harmless SCHEME…"
# with the provider ids of controllers that delete no Node.

nodes_template='{{range .items}}{{.metadata.name}} {{with index .metadata.labels "alibabacloud.com/nodepool-id"}}{{.}}{{else}}-{{end}} {{with .metadata.annotations}}{{with index . "projectcalico.org/IPv4Address"}}calico{{else}}-{{end}}{{else}}-{{end}} {{range .status.addresses}}{{if eq .type "InternalIP"}}{{.address}} {{end}}{{end}}{{"\n"}}{{end}}'
providers='{{range .items}}{{with .spec.providerID}}{{.}}{{"\n"}}{{end}}{{end}}'

# idc_node NAME POOL CALICO ADDRESS…: looks at one node with the label.
idc_node() {
  name=$1 pool=$2 calico=$3
  shift 3
  [ "$calico" = - ] || echo "CNI019: node $name has Calico's annotations: remove them, or other nodes try to peer with it"
  for address; do
    if within nodes idc "$address"; then
      found CNI044 "node $name has the label alibabacloud.com/external=true and an address in ${range:?}, so it is a machine of the IDC that would be served by Terway, not by its own network plugin: remove the label"
      return 0
    fi
  done
  [ "$pool" != - ] ||
    found CNI044 "node $name has the label alibabacloud.com/external=true and no alibabacloud.com/nodepool-id, so no node pool made it: remove the label if it is a machine of the IDC"
}

if seen=$(kubectl get nodes -l alibabacloud.com/external=true -o "go-template=$nodes_template" </dev/null); then
  while read -r line; do
    [ -n "$line" ] || continue
    # shellcheck disable=SC2086
    idc_node $line
  done <<SEEN
$seen
SEEN
  harmless=$(sed -n 's/^harmless //p' "${dir:?}/nodes")
  for scheme in $(kubectl get nodes -l 'alibabacloud.com/external!=true' -o "go-template=$providers" </dev/null | sed -n 's#://.*##p' | sort -u); do
    [ -f "$dir/kept-by-label" ] || has "$harmless" "$scheme" ||
      tell NODE041 "nodes of the IDC have provider ids of $scheme: its cloud-controller-manager may delete Nodes that it does not know; nodeInit.labels.extra can give them node.kubernetes.io/exclude-from-lifecycle-management"
  done
else
  echo "not seen: which nodes have the label of cloud nodes, because this ServiceAccount may not list Nodes (a person applies clusterrole-hybridc-reader.yaml and its binding, once)"
fi
