"""Cloud Map. What other services use of it is named here."""
