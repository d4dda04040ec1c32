#!/bin/sh
# Stands for the interpreter when an AWS_LAMBDA_EXEC_WRAPPER is run for what it would start: prints
# the module search path that it set and the arguments that it gave, one a line.
printf '%s\n' "$PYTHONPATH" "$@" >&9
