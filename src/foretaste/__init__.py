"""Foretaste: forecast a model's behavior before release by replaying real conversations."""
