"""What writes to a cloud and to a cluster: every action reads, shows the difference, applies it, and reads back."""
