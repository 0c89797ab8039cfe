"""What the API of every app is made of: problems, pages, fields, ETags, limits and who may. docs/api.md explains them."""
