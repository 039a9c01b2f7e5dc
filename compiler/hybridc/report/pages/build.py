"""What a build reports of its specs together and of the output folder."""

from __future__ import annotations

PAGES = {
    "OUT001": """\
A person has edited a generated file.

The build stops before it would overwrite that work. Put the change into hybrid.yaml or a pass-through;
`--force` overwrites.

Fails::
    an edit in out/<cluster>/kustomize/configmap-eni-config.yaml
Passes::
    the same edit as terway.extraEniConf

Source: hybridc.
""",
    "OUT002": """\
A file that hybridc did not write stands where it would write one.

Nothing is overwritten that is not in the inventory of the last build.

Fails::
    out/<cluster>/SUMMARY.md of another tool
Passes::
    another file name

Source: hybridc.
""",
    "OUT003": """\
The lock file of a cluster's folder is damaged.

It is the inventory: without it nobody knows which files are generated. A merge conflict is no damage: both sides count,
and the build writes it anew. A lock of a newer hybridc is refused, be it of one side of a merge: an older one would
silently take back what the newer one writes.

Fails::
    hybridc.lock.json cut off in its middle
Passes::
    git checkout -- hybridc.lock.json, then build

Source: hybridc.
""",
    "OUT004": """\
The output could not be written.

Every cluster's folder is the old or the new one, whole; the finding says which are new already. The exit code is 3.
A folder of another user is left alone when what is in it could not be removed afterwards.

Fails::
    a full disk; out/<cluster> belongs to root, and a build runs as somebody else
Passes::
    room on the disk; sudo chown -R "$(id -u)" out/<cluster>

Source: hybridc.
""",
    "OUT005": """\
A file that hybridc did not write lies in a generated chart.

Helm renders whatever lies below `templates/`, `charts/` and `crds/`, so it is installed with the rest and no
review of the spec shows it.

Fails::
    out/idc-shanghai/chart/templates/mine.yaml
Passes::
    mine/mine.yaml

Source: Helm, chart structure.
""",
    "OUT006": """\
This call sees a part of the fleet, so what belongs to the whole is left as it is.

The ApplicationSets and AppProjects in `out/argocd/` name every cluster. Made from some of the specs they would shut out
the other clusters, whose folders lie in `-o`: Argo CD would refuse to sync them. With `--prune` a call says that its
specs are all that there are: the folders of the others are removed and `argocd/` is written. A `--shard` leaves it
alone without a word, `--shard 1/1` too.

Fails::
    hybridc build clusters/a.yaml -o out      # out/b is there, and out/argocd
Passes::
    hybridc build clusters/*.yaml -o out
    hybridc build clusters/*.yaml -o out --prune      # b.yaml was removed or renamed

Source: hybridc.
""",
    "OUT007": """\
A file system is mounted in a cluster's folder.

A build puts a new folder in the place of the old one and removes the old one: what is mounted there would be emptied
at its source, or lose its place. Nothing is changed, also with `--force`; a build that has nothing to change goes on.

Fails::
    mount --bind notes out/<cluster>/notes
Passes::
    mount --bind out-of-this-machine out      # the output folder as a whole

Source: Linux, mount_namespaces(7).
""",
    "OUT008": """\
Somebody changed a cluster's folder while the build ran.

The build had compared it before. What was changed is not overwritten: the folder is as it was left, and the next
build sees it. Clusters that were put in place before are named.

Fails::
    an editor saves out/<cluster>/SUMMARY.md during a build
Passes::
    build again

Source: hybridc.
""",
    "OUT009": """\
An old folder cannot be removed.

The build is done; what it has replaced stays beside it as `.<cluster>.hybridc-gone`, and nothing reads it. Every build
tries to remove it again.

Fails::
    chattr +i out/<cluster>/notes.txt
Passes::
    chattr -i, then sudo rm -r out/.<cluster>.hybridc-gone

Source: hybridc.
""",
    "OUT010": """\
Generated files were checked out with Windows line ends.

With `core.autocrlf` Git turns LF into CR LF, and no file is what hybridc wrote: a shell script with CR does not run on
a node. The build writes them anew; the next checkout changes them again, until `.gitattributes` says that they are no
text.

Fails::
    git clone -c core.autocrlf=true …, then build --check
Passes::
    out/** -text      # in .gitattributes, committed

Source: gitattributes(5), text; git-config(1), core.autocrlf.
""",
    "OUT011": """\
The output is not what the spec compiles to.

Reported by `build --check`, at the spec, so that every format has it. Somebody changed the spec and did not build,
merged two changes, or built with another version of hybridc.

Fails::
    an edit in hybrid.yaml, and no build after it
Passes::
    hybridc build hybrid.yaml -o out, and both committed together

Source: hybridc.
""",
    "GIT031": """\
Two specs of one call would write the same thing.

One folder, one RAM policy, one OSS key, one other script at `nodeInit.url`, one node pool or one registered cluster:
the second would overwrite the first without a word. Reported when both specs are compiled in one call.

Fails::
    hybridc build a/hybrid.yaml b/hybrid.yaml      # both are named idc-hangzhou
Passes::
    hybridc build a/hybrid.yaml b/hybrid.yaml      # idc-hangzhou and idc-shanghai

Source: hybridc.
""",
    "GIT045": """\
Two specs of one call give Argo CD or Flux one object with different content.

An Application, ApplicationSet, GitRepository, Kustomization or HelmRelease of one namespace and name: the one that is
applied last feeds both clusters. A cluster `idc` with `terway.install: chart` has an Application `idc-terway`, and so
has a cluster of that name. Two specs that need the same content may share it. With an Argo CD or a Flux in every
cluster the objects never meet: accept it then.

Fails::
    gitops: {engine: flux, revision: main}      # and another spec of project hybrid has revision canary
Passes::
    gitops: {engine: flux, revision: canary, project: hybrid-canary}

Source: hybridc.
""",
    "OSS022": """\
Several specs name one bucket.

A bucket has one policy, and putting a policy replaces the one that is there: who applies the file of one cluster cuts
the nodes of the others off their script and token (403), and whatever else the policy admitted. Each cluster's
`cloud/oss/bucket-policy.json` holds its own statement: get the bucket's policy, replace or add that statement, put
the whole. Or give each cluster a bucket.

Fails::
    nodeInit: {oss: {bucket: kubelet-shared}}      # in each of two specs
Passes::
    nodeInit: {oss: {bucket: kubelet-idc-hangzhou}}

Source: OSS, PutBucketPolicy: "Adding bucket policies overwrites all existing bucket policies on the bucket".
""",
    "GIT044": """\
A cluster of the call is in no ApplicationSet, and others are.

A set makes the Applications of clusters that share their settings: repository, revision, folder, format, project, and
how they are synced. A cluster with other settings than all others has its Application in its own folder; whoever
applies `argocd/` alone leaves it out, and nothing of it is ever synced.

Fails::
    gitops: {format: helm}      # in one of three specs
Passes::
    gitops: {format: kustomize}      # in all of them

Source: hybridc.
""",
    "GIT032": """\
Several clusters of a fleet are sent to one API server.

The ApplicationSet makes an Application for each of them, and all of them would manage the same `eni-config` and
`ack-agent-config`. With an Argo CD in every cluster the destinations are rightly the same.

Fails::
    gitops: {destination: {server: "https://kubernetes.default.svc"}}      # in each of two specs
Passes::
    gitops: {destination: {name: idc-hangzhou}}

Source: hybridc.
""",
}
"""Code → documentation, in the form of a rule's docstring."""
