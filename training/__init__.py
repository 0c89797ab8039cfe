"""Courses for farmers. Nothing is built here yet."""
