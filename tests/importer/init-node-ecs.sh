#!/bin/bash
# kubeadm join 10.9.9.9:6443 --token of.old
export K8S_VERSION=1.24.3
export REGISTRY_MIRROR=https://registry.example.com
export https_proxy=http://proxy.example.com:3128
yum install -y kubelet-$K8S_VERSION kubeadm-$K8S_VERSION
kubeadm join 10.200.1.253:6443 --token cqgql5.1mdcjcvhszolabcd \
  --discovery-token-ca-cert-hash sha256:7c2e69131a36ae2a042a339b33381c6d0d43887e2de83720eff5359e26aec866
