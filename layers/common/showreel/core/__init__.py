"""What every slice stands on: errors, settings, AWS clients, HTTP. Imports nothing above itself."""
