"""The command line: one module for each verb, each a thin function that returns an exit code."""
