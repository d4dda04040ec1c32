"""The whole stack on one machine: the gateway, Lambda, AWS, providers. Never in an artefact."""
