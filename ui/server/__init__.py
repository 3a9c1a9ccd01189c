"""What stands between strangers and the app."""
