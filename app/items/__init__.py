"""Power items as agencies keep them: drawn up, examined on the engine, in force on their day (权力事项动态管理)."""
