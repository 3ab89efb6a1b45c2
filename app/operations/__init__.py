"""How the installation does: metrics for machines, the health page for administrators."""
