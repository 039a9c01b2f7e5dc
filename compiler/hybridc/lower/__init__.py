"""From a checked Spec to a Bundle: every object, document and script, as data. One module per product."""
