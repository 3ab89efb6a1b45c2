"""The engine: runs a proven diagram. The only room that imports SpiffWorkflow."""
