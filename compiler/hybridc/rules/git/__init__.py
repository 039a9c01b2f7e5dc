"""GIT: what Argo CD and Flux are given."""
