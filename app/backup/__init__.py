"""Backups of database, stored files and keys in one folder, created atomically."""
