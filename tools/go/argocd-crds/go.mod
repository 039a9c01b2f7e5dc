module tools/argocd-crds

go 1.25.9

require (
	github.com/argoproj/argo-cd/v2 v2.10.0
	github.com/argoproj/argo-cd/v3 v3.1.9
)
