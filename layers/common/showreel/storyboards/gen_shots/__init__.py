"""gen-shots: a language model writes the shots of a scene while the client watches."""
