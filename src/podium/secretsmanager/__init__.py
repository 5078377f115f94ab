"""Secrets Manager: secrets, their versions, and the stages by which versions are found."""
