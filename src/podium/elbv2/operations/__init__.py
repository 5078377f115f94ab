"""What Elastic Load Balancing answers. Importing this package registers it."""
