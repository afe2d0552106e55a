"""Renderers: a report in, text out. One file for each format; none decides anything."""
