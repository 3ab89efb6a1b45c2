"""流程图: published bundles of a procedure (diagrams, forms, rules), immutable once published."""
