"""What one person does with their own history: no plan file, and no judge."""
