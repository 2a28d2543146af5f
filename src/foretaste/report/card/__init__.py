"""A card: a run's conclusions as a section of a model card, and whether a card still is one."""
