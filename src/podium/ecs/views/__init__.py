"""Records as the API shows them. One module a noun; absent values are left out."""
