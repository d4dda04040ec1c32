"""Google: Veo, Gemini Omni and Gemini's text."""
