"""Application Auto Scaling: between which bounds the desired count of a service may move, and what moves it."""
