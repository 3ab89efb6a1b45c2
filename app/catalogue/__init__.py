"""事项目录: the powers an agency may exercise."""
