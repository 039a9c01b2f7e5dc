"""CNI, ENI, GIT: what is proved over the output: objects and what Argo CD does with them (``lower/proof``)."""

from __future__ import annotations

from hybridc.rules.rule import ERROR, rule


@rule("CNI007", ERROR, by_schema=True, guarded=True)
def calico_crd() -> None:
    """A CRD of Calico is in the output.

    Terway's upstream chart has stubs of crd.projectcalico.org. Applied over the real ones they empty every pool,
    policy and BGP peer of the IDC.

    Fails::
        {kind: CustomResourceDefinition, metadata: {name: ippools.crd.projectcalico.org}}
    Passes::
        no such object; the chart only with its CRDs taken out

    Source: Terway's chart on a kube-apiserver with Calico, seen running.
    """


@rule("CNI009", ERROR, by_schema=True, guarded=True)
def lost_term() -> None:
    """The exclusion loses or does not restrict a term that was there.

    nodeSelectorTerms are OR-ed and replaced as a whole: a term without the two expressions lets the IDC's CNI onto
    cloud nodes, a lost one moves it within the IDC.

    Fails::
        the exclusion as a second term
    Passes::
        both expressions in each existing term

    Source: Kubernetes node affinity; kustomize and kubectl, seen running.
    """


@rule("CNI011", ERROR, by_schema=True, guarded=True)
def lost_os() -> None:
    """The exclusion loses Flannel's kubernetes.io/os requirement.

    The tutorial's patch, taken as it is, deletes it: Flannel would start on Windows nodes too.

    Fails::
        - matchExpressions: [{key: alibabacloud.com/external, operator: NotIn, values: ["true"]}]
    Passes::
        - matchExpressions: [{key: kubernetes.io/os, operator: In, values: [linux]}, {key: type, …}]

    Source: kubectl patch on kube-flannel.yml, seen running.
    """


@rule("CNI014", ERROR, by_schema=True, guarded=True)
def not_one_cni() -> None:
    """A node would get no CNI, or two.

    With none its pods wait for ever; with two the one whose file sorts first wins, after every restart anew. Shown
    for IDC nodes, cloud nodes and virtual nodes from the selectors that are written out.

    Fails::
        Calico without the exclusion, and Terway on cloud nodes
    Passes::
        NotIn ["true"] for the one, In ["true"] for the other

    Source: Kubernetes node affinity.
    """


@rule("ENI029", ERROR, by_schema=True, guarded=True)
def missing_file() -> None:
    """eni-config lacks a file that Terway reads.

    eni_conf and 10-terway.conf: without one of them Terway's init container ends with "this file must exist" on
    every node.

    Fails::
        data: {eni_conf: …}
    Passes::
        data: {eni_conf: …, 10-terway.conf: …}

    Source: Terway cmd/terway-cli, seen running.
    """


@rule("GIT005", ERROR, by_schema=True, guarded=True)
def unprotected_object() -> None:
    """An object that is not ours could be pruned or deleted.

    With Prune=false,Delete=false it survives prune and cascade delete; either alone does not. helm.sh/resource-
    policy: keep is for an uninstall of the chart, and prune: disabled for Flux.

    Fails::
        ConfigMap ack-agent-config without annotations
    Passes::
        argocd.argoproj.io/sync-options: Prune=false,Delete=false

    Source: Argo CD 3.4.2 and Helm 4, seen running.
    """


@rule("GIT006", ERROR, by_schema=True, guarded=True)
def overwritten_object() -> None:
    """A sync option would drop fields of an object that is not ours.

    Replace drops everything that is not in Git. ServerSideApply on ack-agent-config deletes the agent's keys when
    kubectl apply once made the object.

    Fails::
        argocd.argoproj.io/sync-options: Replace=true
    Passes::
        argocd.argoproj.io/sync-options: Prune=false,Delete=false

    Source: kube-apiserver 1.37, seen running.
    """


@rule("GIT008", ERROR, by_schema=True, guarded=True)
def migration() -> None:
    """A partial object is applied server-side while the migration from client-side apply is on.

    Argo CD would take every field of the object from its owner, and delete those at the next sync. The option works
    for the whole Application only.

    Fails::
        syncOptions: []
    Passes::
        syncOptions: [ClientSideApplyMigration=false]

    Source: Argo CD controller/sync.go.
    """


@rule("GIT009", ERROR, by_schema=True, guarded=True)
def unknown_option() -> None:
    """A sync option that Argo CD does not know.

    It is ignored without a word (DisableClientSideApplyMigration=true does nothing).

    Fails::
        syncOptions: [DisableClientSideApplyMigration=true]
    Passes::
        syncOptions: [ClientSideApplyMigration=false]

    Source: Argo CD, user-guide/sync-options.
    """


@rule("GIT011", ERROR, by_schema=True, guarded=True)
def project_refuses() -> None:
    """The AppProject refuses a kind or a namespace of the output, or allows more than it needs.

    A refused kind fails the whole sync. A cluster-wide kind that is not needed lets a commit in this repository
    take the cluster over.

    Fails::
        namespaceResourceWhitelist without ConfigMap
    Passes::
        every kind of the output, and no other cluster-wide one

    Source: Argo CD, AppProject.
    """


@rule("GIT012", ERROR, by_schema=True, guarded=True)
def orphaned_resources() -> None:
    """The AppProject watches kube-system for orphaned resources.

    It lists everything there all the time, which slows the whole Argo CD down.

    Fails::
        orphanedResources: {warn: true}
    Passes::
        no orphanedResources

    Source: Argo CD, faq.
    """


@rule("GIT015", ERROR, by_schema=True, guarded=True)
def finalizer() -> None:
    """The Application has the resources finalizer.

    Deleting the Application would delete its objects, those that are not ours too where they are not protected.

    Fails::
        finalizers: [resources-finalizer.argocd.argoproj.io]
    Passes::
        no finalizer

    Source: Argo CD, app deletion.
    """


@rule("GIT016", ERROR, by_schema=True, guarded=True)
def agent_data() -> None:
    """The output writes more of the agent's objects than the one key.

    The agent keeps state in ack-agent-config and in ConfigMap provider; what we write there we would take from it.

    Fails::
        data: {addNodeScriptPath: …, isInit: "true"}
    Passes::
        data: {addNodeScriptPath: …}

    Source: alibabacloud-ack-connector meta_messenger.go.
    """


@rule("GIT017", ERROR, by_schema=True, guarded=True)
def object_twice() -> None:
    """An object is in the output twice.

    The second wins without a word. Two dynamic configurations or an excluded workload named twice could cause it.

    Fails::
        excludeAlso: [calico-node]      # which is the CNI itself
    Passes::
        excludeAlso: [csi-rbdplugin]

    Source: Argo CD, RepeatedResourceWarning.
    """


@rule("GIT027", ERROR, by_schema=True, guarded=True)
def hook_rights() -> None:
    """A hook may do too much, or would not run.

    Hooks reach named objects only. In the first wave Argo CD can skip one; without a delete policy its last run is
    in the way; and since hooks are not compared, a change syncs only when a tracked object holds its digest.

    Fails::
        rules: [{resources: [daemonsets], verbs: ["*"]}]
    Passes::
        rules: [{resources: [daemonsets], resourceNames: [calico-node], verbs: [get, patch]}]

    Source: Argo CD 3.4.2, seen running.
    """
