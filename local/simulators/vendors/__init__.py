"""One vendor a file; `base` is what each of them offers to the application."""
