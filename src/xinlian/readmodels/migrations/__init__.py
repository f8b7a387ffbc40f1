"""The schema, one revision a file; applied by ``database.Database.migrate``."""
