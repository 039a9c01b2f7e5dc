"""Findings and how they are shown: one frozen record, one small renderer for each format."""
