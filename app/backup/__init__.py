"""Backups: database, stored files and keys together, as one folder that is whole or isn't there."""
