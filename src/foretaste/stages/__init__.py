"""Turns the records of one stage into the records of the next; one file a verb."""
