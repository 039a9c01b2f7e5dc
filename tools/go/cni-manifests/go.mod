module tools/cni-manifests

go 1.25.9

require (
	github.com/flannel-io/flannel v0.28.9
	github.com/projectcalico/calico v1.11.0-cni-plugin.0.20250813170300-a0db560f0520
)
