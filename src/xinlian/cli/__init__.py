"""The command ``xinlian``: everything a member does by hand."""
