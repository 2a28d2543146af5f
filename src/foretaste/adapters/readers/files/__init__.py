"""From bytes on disk to records: archives, compression, lines, elements, groups."""
