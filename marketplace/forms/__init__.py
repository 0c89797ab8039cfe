"""What people type about the shop window, checked for shape."""
