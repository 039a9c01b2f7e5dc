#!/usr/bin/env bash
# The steps around the build of idc-hangzhou, in the one order that is safe. Printed by hybridc; read it first.
# Run it in the cluster's folder (the one with SUMMARY.md). It asks before each step.
# It calls kubectl, aliyun, ossutil, jq, git, python3, argocd, kubeadm, calicoctl; kubectl speaks to the cluster in the IDC.
set -uo pipefail

next() {
  local answer
  read -rp "$1: Enter goes on, s skips it, Ctrl-C stops: " answer </dev/tty || exit
  [ "$answer" != s ]
}

# agent.private
# The cluster is connected as registered cluster `c0123456789abcdef0123456789abcdef` with the private import
# configuration: node pools need it. If it is not:
# `aliyun cs GET /k8s/c0123456789abcdef0123456789abcdef/external/agent/deployment --PrivateIpAddress true --region cn-hangzhou | jq -r .config | kubectl apply -f -`.
# takes: kubectl: read kube-system
if next agent.private; then
  {
kubectl -n kube-system get deployment ack-cluster-agent -o jsonpath='{.spec.template.spec.containers[*].env[?(@.name=="INTERNAL_ENDPOINT")].value}' | grep -qx true
  } || exit
fi
# done when: the command ends with 0
# back: import the public configuration again

# network.routes
# The VPC and the IDC know each other's node and pod ranges: VBR with BGP, at most 110 routes from the IDC, or
# CEN. `hybridc preflight --node` prints a script that sees on a machine of either side what gets through.
# takes: whoever runs the routers of the IDC and the VPC; `aliyun`: read the VPC
if next network.routes; then
  {
aliyun vpc DescribeRouteTableList --VpcId vpc-bp1k8m2q9s7x4v6z0n3j5 --region cn-hangzhou | jq -r '.RouterTableList.RouterTableListType[].RouteTableId' | while read -r table; do
  aliyun vpc DescribeRouteEntryList --RouteTableId "$table" --region cn-hangzhou | jq -r '.RouteEntrys.RouteEntry[] | "\(.DestinationCidrBlock) \(.Status)"'
done
  } || exit
fi
# done when: `192.168.0.0/24`, `10.100.0.0/16` or wider ranges are Available, and the IDC's routers have
# `10.10.24.0/24`, `10.10.25.0/24`
# back: withdraw the routes

# network.security-groups
# The security groups of cloud nodes and pods admit the IDC's node and pod ranges, and 100.64.0.0/10
# (metadata, OSS, mirrors). The IDC admits `10.10.24.0/24`, `10.10.25.0/24` to its nodes and pods on every
# port: `10.200.1.253:6443` is the least for a join, and pods need DNS (53), Services and each other.
# `hybridc preflight --node` sees it from a machine.
# takes: RAM: ecs:AuthorizeSecurityGroup; whoever runs the IDC's firewall
if next network.security-groups; then
  {
(
group=sg-bp1f3h5j7l9n1p3r5t7v
for range in 192.168.0.0/24 10.100.0.0/16 100.64.0.0/10; do
  aliyun ecs AuthorizeSecurityGroup --SecurityGroupId "$group" --IpProtocol all --PortRange=-1/-1 --SourceCidrIp "$range" --region cn-hangzhou || exit 1
done
)
  } || exit
fi
# done when: every call gives a RequestId
# back: `aliyun ecs RevokeSecurityGroup` with the same parameters

# network.images
# What runs on every node runs on cloud nodes too, kube-proxy first: without it no Service answers there. The
# VPC must reach these images: in their registry, or in a mirror (`nodeInit.registryMirrors`: `docker.io`).
# What belongs to the IDC goes into `cluster.cni.excludeAlso`; the network plugin is listed until it is kept
# off.
# takes: kubectl: read DaemonSets; whoever runs the registries
if next network.images; then
  {
kubectl get daemonsets -A -o json | jq -r '.items[] | select([.spec.template.spec | .. | objects | select(.key? == "alibabacloud.com/external" and .operator? == "NotIn")] | length == 0) | .spec.template.spec | (.initContainers // [] | .[].image), .containers[].image' | sort -u
  } || exit
fi
# done when: a machine in the VPC can pull each image that is listed
# back: nothing was changed

# ram.user
# The RAM user `ack-one-user-ce313528c3` of the add-ons. `onectl ram-user grant --addon` makes a user, its
# AccessKey, the Secret and policies of its own.
# takes: RAM administrator, or `cloud/ram/setup.json`
# or: `hybridc publish ram.user`, beside hybrid.yaml
if next ram.user; then
  {
aliyun ram GetUser --UserName ack-one-user-ce313528c3 --region cn-hangzhou || aliyun ram CreateUser --UserName ack-one-user-ce313528c3 --Comments 'made by hybridc for cluster idc-hangzhou (c0123456789abcdef0123456789abcdef)' --region cn-hangzhou
  } || exit
fi
# done when: the user or role is printed
# back: `aliyun ram DeleteUser`, once nothing uses it

# ram.policies
# The policies of user `ack-one-user-ce313528c3`: `hybridc-idc-hangzhou-terway-eniip`
# (`cloud/ram/terway-eniip.json`). What those need who do these steps (`publisher`: CI, `setup`: this list,
# `operator`: day two) lies beside them; an administrator gives it.
# takes: RAM administrator, or `cloud/ram/setup.json`
# or: `hybridc publish ram.policies`, beside hybrid.yaml
# after: ram.user
if next ram.policies; then
  {
(
product=terway-eniip
policy=hybridc-idc-hangzhou-"$product"
if aliyun ram GetPolicy --PolicyType Custom --PolicyName "$policy" --region cn-hangzhou >/dev/null 2>&1; then
  aliyun ram CreatePolicyVersion --PolicyName "$policy" --PolicyDocument "$(cat "cloud/ram/$product.json")" --SetAsDefault true --RotateStrategy DeleteOldestNonDefaultVersionWhenLimitExceeded --region cn-hangzhou || exit 1
else
  aliyun ram CreatePolicy --PolicyName "$policy" --PolicyDocument "$(cat "cloud/ram/$product.json")" --Description 'made by hybridc for cluster idc-hangzhou (c0123456789abcdef0123456789abcdef)' --region cn-hangzhou || exit 1
fi
{
found=$(aliyun ram ListPoliciesForUser --UserName ack-one-user-ce313528c3 --region cn-hangzhou) &&
jq -e --arg policy "$policy" 'any(.Policies.Policy[]; .PolicyName == $policy)' <<<"$found" >/dev/null
} ||
  aliyun ram AttachPolicyToUser --PolicyType Custom --PolicyName "$policy" --UserName ack-one-user-ce313528c3 --region cn-hangzhou || exit 1
)
  } || exit
fi
# done when: `aliyun ram ListPoliciesForUser --UserName ack-one-user-ce313528c3 --region cn-hangzhou` lists
# them
# back: `aliyun ram DetachPolicyFromUser`, `aliyun ram DeletePolicy`

# credentials.secret
# The Secret `kube-system/alibaba-addon-secret` (keys `access-key-id`, `access-key-secret`), which the add-ons
# read. It is there before the first sync: the AccessKey fields of eni-config are empty. A key that was made
# and not stored (the second half failed) is to be deleted.
# takes: RAM: ram:CreateAccessKey (setup); kubectl: write Secrets in kube-system
# or: `hybridc publish credentials.secret`, beside hybrid.yaml
# after: ram.user, ram.policies
if next credentials.secret; then
  {
secret=$(kubectl -n kube-system get secret alibaba-addon-secret --ignore-not-found -o name) &&
{
  [ -n "$secret" ] ||
  aliyun ram CreateAccessKey --UserName ack-one-user-ce313528c3 --region cn-hangzhou |
  jq --arg name alibaba-addon-secret --arg namespace kube-system '.AccessKey | select(.AccessKeySecret != null) | {apiVersion: "v1", kind: "Secret", type: "Opaque", metadata: {name: $name, namespace: $namespace}, stringData: {"access-key-id": .AccessKeyId, "access-key-secret": .AccessKeySecret}}' |
  kubectl create -f -
}
  } || exit
fi
# done when: the Secret is there
# back: `aliyun ram DeleteAccessKey`, then `kubectl -n kube-system delete secret alibaba-addon-secret`: the
# add-ons stop working

# oss.bucket
# The private bucket `kubelet-idc-hangzhou` in `cn-hangzhou`. Block Public Access may stay on: the policy that
# follows names one VPC.
# takes: RAM: oss:PutBucket, oss:GetBucketInfo (setup)
# or: `hybridc publish oss.bucket`, beside hybrid.yaml
if next oss.bucket; then
  {
ossutil stat oss://kubelet-idc-hangzhou --region cn-hangzhou || ossutil mb oss://kubelet-idc-hangzhou --acl private --region cn-hangzhou
  } || exit
fi
# done when: the bucket is described
# back: `ossutil rb` `oss://kubelet-idc-hangzhou`, once it is empty

# oss.policy
# Everything in `vpc-bp1k8m2q9s7x4v6z0n3j5` may read the script and the token of this cluster
# (`cloud/oss/bucket-policy.json`). A bucket has one policy: the statements of others stay.
# takes: RAM: oss:GetBucketPolicy, oss:PutBucketPolicy (publisher)
# or: `hybridc publish oss.policy`, beside hybrid.yaml
# after: oss.bucket
if next oss.policy; then
  {
policy=$(ossutil api get-bucket-policy --bucket kubelet-idc-hangzhou --region cn-hangzhou 2>&1) || case $policy in
  *NoSuchBucketPolicy*) policy='{"Version": "1", "Statement": []}' ;;
  *) echo "$policy" >&2; false ;;
esac &&
policy=$(sed '/(s) elapsed$/d' <<<"$policy" |
  jq -ce --arg keys 'acs:oss:*:1234567890123456:kubelet-idc-hangzhou/idc-hangzhou/' --argjson mine "$(cat cloud/oss/bucket-policy.json)" '.Statement |= map(select([.Resource] | flatten | all(.[]; startswith($keys)) | not)) | .Statement += $mine.Statement') &&
ossutil api put-bucket-policy --bucket kubelet-idc-hangzhou --body "$policy" --region cn-hangzhou
  } || exit
fi
# done when: `ossutil api get-bucket-policy --bucket kubelet-idc-hangzhou --region cn-hangzhou` shows the
# statement
# back: put the policy without the statement

# oss.script
# Upload `cloud/node/init-node-ecs.sh` to
# `oss://kubelet-idc-hangzhou/idc-hangzhou/init-node-ecs-0123456789ab.sh`, before the merge that brings its
# address. Its name is its content: what nodes use today is not touched.
# takes: RAM: oss:PutObject (publisher)
# or: `hybridc publish oss.script`, beside hybrid.yaml
# after: oss.bucket, oss.policy
if next oss.script; then
  {
ossutil cp cloud/node/init-node-ecs.sh oss://kubelet-idc-hangzhou/idc-hangzhou/init-node-ecs-0123456789ab.sh -f --region cn-hangzhou
  } || exit
fi
# done when:
# `ossutil stat oss://kubelet-idc-hangzhou/idc-hangzhou/init-node-ecs-0123456789ab.sh --region cn-hangzhou`
# describes it
# back: leave it: nothing uses it until the merge

# token.put
# A bootstrap token, again before it ends after `24h`, or scaling out stops; put into the object
# `oss://kubelet-idc-hangzhou/idc-hangzhou/bootstrap-token`. CI renews it: copy `cloud/ci/github.yaml` to
# `.github/workflows/hybridc-token-idc-hangzhou.yaml`, or include `cloud/ci/gitlab.yaml` in `.gitlab-ci.yml`
# with a schedule `17 * * * *` that sets `HYBRIDC_CLUSTER=idc-hangzhou`.
# takes: kubeadm with the cluster's admin.conf; RAM: oss:PutObject (publisher)
# or: `hybridc publish token.put --mint`, beside hybrid.yaml
# after: oss.bucket, oss.policy
if next token.put; then
  {
token=$(kubeadm token create --ttl 24h) &&
printf %s "$token" | ossutil cp - oss://kubelet-idc-hangzhou/idc-hangzhou/bootstrap-token -f --region cn-hangzhou
  } || exit
fi
# done when: a node that joins finds it
# back: `ossutil rm oss://kubelet-idc-hangzhou/idc-hangzhou/bootstrap-token --region cn-hangzhou`,
# `kubeadm token delete`

# git.merge
# Merge `hybrid.yaml` and this folder into `main`. Where an Application that syncs by itself is there already,
# this is the sync.
# takes: whoever may merge into `https://git.example.com/platform/hybrid-out.git`
# after: agent.private, network.security-groups, network.images, credentials.secret, oss.script, token.put
if next git.merge; then
  {
git fetch -q https://git.example.com/platform/hybrid-out.git main &&
git diff --exit-code --stat FETCH_HEAD -- .
  } || exit
fi
# done when: no file of this folder differs from what is merged
# back: revert the commit: the address goes back to the script before; restarted pods, IPPools and node pools
# do not

# gitops.repository
# Argo CD may read `https://git.example.com/platform/hybrid-out.git`. A repository that everybody may read
# needs nothing.
# takes: administrator of Argo CD
# after: git.merge
if next gitops.repository; then
  {
argocd repo add https://git.example.com/platform/hybrid-out.git --username "${GIT_USER:?the name of a user that may read the repository}" --upsert
  } || exit
fi
# done when: the command ends with 0
# back: `argocd repo rm https://git.example.com/platform/hybrid-out.git`

# gitops.apply
# Apply the AppProject and the Application, for Argo CD 2.10 or later. For several clusters of one repository:
# what lies in `../argocd/` instead. The reader lets the guard list Nodes; no sync brings it.
# takes: kubectl: write AppProjects and Applications where Argo CD runs; cluster-admin for the reader
# after: gitops.repository
if next gitops.apply; then
  {
kubectl apply -f argocd/
  } || exit
fi
# done when: they are there
# back: `kubectl delete -f argocd/`: what was synced stays

# gitops.sync
# The sync. The guard looks first and refuses with a sentence. The agent reports the script's address within a
# minute after it: wait for two before a pool grows.
# takes: Argo CD; kubectl: read ack-agent-config
# after: gitops.apply
if next gitops.sync; then
  {
kubectl -n argocd annotate application idc-hangzhou argocd.argoproj.io/refresh=normal --overwrite &&
wanted=https://kubelet-idc-hangzhou.oss-cn-hangzhou-internal.aliyuncs.com/idc-hangzhou/init-node-ecs-0123456789ab.sh &&
for _ in $(seq 60); do
  now=$(kubectl -n kube-system get configmap ack-agent-config -o jsonpath='{.data.addNodeScriptPath}')
  [ "$now" = "$wanted" ] && break
  sleep 10
done &&
[ "$now" = "$wanted" ]
  } || exit
fi
# done when: `addNodeScriptPath` is
# `https://kubelet-idc-hangzhou.oss-cn-hangzhou-internal.aliyuncs.com/idc-hangzhou/init-node-ecs-0123456789ab.sh`;
# when not, the reason stands in the status of the Application
# back: revert the commit, and sync

# see.exclusion
# `kube-system/calico-node`: no term lets its pods onto a node with `alibabacloud.com/external=true`, and the
# restart is through.
# takes: kubectl: read these workloads
# after: gitops.sync
if next see.exclusion; then
  {
{
found=$(kubectl -n kube-system get daemonset calico-node -o json) &&
jq -e '[.spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[]?] | length > 0 and all(.[]; any(.matchExpressions[]?; .key == "alibabacloud.com/external" and .operator == "NotIn" and (.values | index("true") != null)))' <<<"$found" >/dev/null &&
kubectl -n kube-system rollout status daemonset/calico-node --timeout=30m
} || (echo 'the exclusion is not in place: let no cloud node join' >&2; exit 1)
  } || exit
fi
# done when: the command ends with 0

# ippools
# Disabled IPPools for the cloud's ranges, so that IDC pods keep their own addresses toward the cloud. This
# changes running traffic at once: without the routes of `network.routes`, what IDC pods talk to in these
# ranges today stops answering.
# takes: calicoctl: write IPPools
# after: network.routes, network.security-groups, see.exclusion
if next ippools; then
  {
calicoctl apply -f calico/ippools.yaml
  } || exit
fi
# done when: what IDC pods talk to in the VPC still answers, and sees the pods' own addresses
# back: `calicoctl delete -f calico/ippools.yaml`

# addon.terway-eniip
# Install `terway-eniip` as `cloud/addons/terway-eniip.json` says. Where it is there in another version:
# `aliyun cs POST /clusters/c0123456789abcdef0123456789abcdef/components/upgrade --header Content-Type=application/json --body '[{"component_name": "terway-eniip", "next_version": "v1.8.18"}]' --region cn-hangzhou`.
# takes: RAM: cs:InstallClusterAddons, cs:UpgradeK8sComponents (setup)
# or: `hybridc publish addon.terway-eniip`, beside hybrid.yaml
# after: ram.policies, credentials.secret, gitops.sync
if next addon.terway-eniip; then
  {
aliyun cs POST /clusters/c0123456789abcdef0123456789abcdef/components/install --header Content-Type=application/json --body "$(cat cloud/addons/terway-eniip.json)" --region cn-hangzhou
  } || exit
fi
# done when: a task id; the console lists the add-on
# back:
# `aliyun cs POST /clusters/c0123456789abcdef0123456789abcdef/components/uninstall --header Content-Type=application/json --body '[{"name": "terway-eniip"}]' --region cn-hangzhou`

# see.terway
# DaemonSet `terway-eniip` wants a pod on each cloud node, and on no other.
# takes: kubectl: read kube-system and Nodes
# after: see.exclusion, addon.terway-eniip
if next see.terway; then
  {
{
[ "$(kubectl -n kube-system get daemonset terway-eniip -o jsonpath='{.status.desiredNumberScheduled}')" -eq "$(kubectl get nodes -l alibabacloud.com/external=true -o name | wc -l)" ]
} || (echo 'Terway is not there, or would run on nodes of the IDC' >&2; exit 1)
  } || exit
fi
# done when: the command ends with 0: both numbers are 0 before the first cloud node

# pool.elastic.create
# Node pool `elastic` as `cloud/node-pools/elastic.json` says, without nodes and without scaling.
# takes: RAM: cs:CreateClusterNodePool, cs:DescribeClusterNodePools (publisher)
# or: `hybridc publish pool.elastic.create`, beside hybrid.yaml
# after: network.routes, network.security-groups, gitops.sync, see.exclusion, ippools, see.terway
if next pool.elastic.create; then
  {
pools=$(aliyun cs GET /clusters/c0123456789abcdef0123456789abcdef/nodepools --region cn-hangzhou) &&
{
  jq -e --arg name elastic 'any(.nodepools[]?; .nodepool_info.name == $name)' <<<"$pools" ||
  aliyun cs POST /clusters/c0123456789abcdef0123456789abcdef/nodepools --header Content-Type=application/json --body "$(jq '.scaling_group.desired_size = 0 | .auto_scaling.enable = false' cloud/node-pools/elastic.json)" --region cn-hangzhou
}
  } || exit
fi
# done when: `true` for a pool that is there already, else a nodepool_id
# back: `aliyun cs DELETE` on the pool's path, once it has no node

# pool.elastic.one
# One node, two minutes after the sync at the earliest. What its script says stands in `/var/log/acs/init.log`
# on the node and with the cluster's tasks in the console.
# takes: RAM: cs:ModifyClusterNodePool (publisher); kubectl: read Nodes
# or: `hybridc publish pool.elastic.one`, beside hybrid.yaml
# after: pool.elastic.create, gitops.sync
if next pool.elastic.one; then
  {
read -r pool nodes < <(aliyun cs GET /clusters/c0123456789abcdef0123456789abcdef/nodepools --region cn-hangzhou |
  jq -r --arg name elastic '.nodepools[] | select(.nodepool_info.name == $name) | "\(.nodepool_info.nodepool_id) \(.status.total_nodes)"') &&
{
  [ "$nodes" -gt 0 ] ||
  aliyun cs PUT /clusters/c0123456789abcdef0123456789abcdef/nodepools/"$pool" --header Content-Type=application/json --body '{"scaling_group": {"desired_size": 1}}' --region cn-hangzhou
} &&
for _ in $(seq 150); do
  kubectl get nodes -l alibabacloud.com/nodepool-id="$pool" -o name | grep -q . && break
  sleep 10
done &&
kubectl wait --for=condition=Ready node -l alibabacloud.com/nodepool-id="$pool" --timeout=10m
  } || exit
fi
# done when: the node is Ready
# back: the same with `desired_size` 0, after `kubectl drain`

# see.node
# Each cloud node is Ready with its pool's label and provider id, its pods have addresses of `10.10.25.0/24`,
# a pod there resolves names, and cloud and IDC pods reach each other. The two pods run
# `docker.io/alpine/k8s:1.34.2`.
# takes: kubectl: read Nodes, write Pods in kube-system
# after: pool.elastic.one
if next see.node; then
  {
{
(
trap 'kubectl -n kube-system delete pod hybridc-see-cloud hybridc-see-idc --ignore-not-found --now' EXIT
kubectl -n kube-system delete pod hybridc-see-cloud hybridc-see-idc --ignore-not-found --now &&
found=$(kubectl get nodes -l alibabacloud.com/external=true -o json) &&
jq -e '.items | length > 0 and all(.[]; .metadata.labels["alibabacloud.com/nodepool-id"] != null and (.spec.providerID // "" | startswith("cn-hangzhou.")) and any(.status.conditions[]; .type == "Ready" and .status == "True"))' <<<"$found" >/dev/null &&
kubectl -n kube-system run hybridc-see-cloud --image=docker.io/alpine/k8s:1.34.2 --restart=Never --overrides='{"spec": {"nodeSelector": {"alibabacloud.com/external": "true"}, "tolerations": [{"operator": "Exists"}]}}' --command -- sleep 900 &&
kubectl -n kube-system run hybridc-see-idc --image=docker.io/alpine/k8s:1.34.2 --restart=Never --overrides='{"spec": {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "alibabacloud.com/external", "operator": "NotIn", "values": ["true"]}, {"key": "type", "operator": "NotIn", "values": ["virtual-kubelet"]}]}]}}}, "tolerations": [{"operator": "Exists", "effect": "NoSchedule"}]}}' --command -- sleep 900 &&
kubectl -n kube-system wait --for=condition=Ready pod/hybridc-see-cloud pod/hybridc-see-idc --timeout=5m &&
cloud=$(kubectl -n kube-system get pod hybridc-see-cloud -o jsonpath='{.status.podIP}') &&
idc=$(kubectl -n kube-system get pod hybridc-see-idc -o jsonpath='{.status.podIP}') &&
python3 -c 'import sys, ipaddress as i; sys.exit(not any(i.ip_address(sys.argv[1]) in i.ip_network(r) for r in sys.argv[2:]))' "$cloud" 10.10.25.0/24 &&
kubectl -n kube-system exec hybridc-see-cloud -- nslookup kubernetes.default.svc.cluster.local &&
kubectl -n kube-system exec hybridc-see-cloud -- ping -c 3 "$idc" &&
kubectl -n kube-system exec hybridc-see-idc -- ping -c 3 "$cloud"
)
} || (echo 'a cloud node is not as it should be: let no pool grow' >&2; exit 1)
  } || exit
fi
# done when: the command ends with 0

# pool.elastic.scale
# `elastic` to as many nodes as you want: nothing scales it by itself.
# takes: RAM: cs:ModifyClusterNodePool (publisher)
# or: `hybridc publish pool.elastic.scale`, beside hybrid.yaml
# after: pool.elastic.one, see.node
if next pool.elastic.scale; then
  {
read -r pool nodes < <(aliyun cs GET /clusters/c0123456789abcdef0123456789abcdef/nodepools --region cn-hangzhou |
  jq -r --arg name elastic '.nodepools[] | select(.nodepool_info.name == $name) | "\(.nodepool_info.nodepool_id) \(.status.total_nodes)"') &&
aliyun cs PUT /clusters/c0123456789abcdef0123456789abcdef/nodepools/"$pool" --header Content-Type=application/json --body "$(jq -n --argjson nodes "${NODES:?how many nodes the pool shall have}" '{scaling_group: {desired_size: $nodes}}')" --region cn-hangzhou
  } || exit
fi
# done when: the nodes come, and become Ready
# back: the same with fewer nodes, after `kubectl drain` of those that go
