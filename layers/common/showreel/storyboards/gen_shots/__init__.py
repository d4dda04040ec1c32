"""The shots of a scene, written by a language model while its reader watches."""
