"""One module a command, named as it is typed. What a command does is imported when it runs."""
