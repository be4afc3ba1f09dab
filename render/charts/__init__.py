"""Drawings in SVG that pages share."""
