"""CNI: the plugin of the IDC, and how it stays off cloud nodes."""
