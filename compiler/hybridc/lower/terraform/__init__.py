"""Terraform JSON: the same policies, bucket, add-ons and node pools, for those who keep them in Terraform."""
