"""The steps of the Generation state machine."""
