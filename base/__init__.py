"""What every package may use; imports nothing of ours."""
