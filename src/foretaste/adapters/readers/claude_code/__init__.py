"""Sessions of Claude Code, as it writes them below `~/.claude/projects`."""
