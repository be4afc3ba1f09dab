"""Readers of pages that several sources share."""
