"""Courses for farmers: short lessons, certificates, and a lesson offered when it helps."""
