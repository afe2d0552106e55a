"""Connects nothing."""
