#!/bin/sh
# Makes .venv with Python 3.13 and uv: what every other set-up target of the Makefile starts from.
#
# uv comes from the PATH, else by pip from any Python from 3.9 on, pinned by requirements/uv.txt.
# Python 3.13 is $BASE_PYTHON, the PATH's, pyenv's, one that uv knows, else one that uv downloads.
# When something is missing, says in one line what to do and ends with 1.
set -eu
cd "$(dirname "$0")/.."

TOOL=.venv-uv # holds uv until there is a .venv
trap 'rm -rf "$TOOL"' EXIT

fail() {
  echo "showreel: $*" >&2
  exit 1
}

# Prints the path of the first Python here for which the condition holds.
find_python() {
  for python in "${BASE_PYTHON:-}" python3.13 python3 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python \
    python3.12 python3.11 python3.10 python3.9 python; do
    if [ -n "$python" ] && "$python" -c "
import importlib.util, sys
has = importlib.util.find_spec
sys.exit(not ($1) or print(sys.executable))" 2>/dev/null; then
      return
    fi
  done
  return 1
}

# Installs uv into $TOOL with the given Python's pip.
install_uv() {
  PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 "$1" -m pip install -q --disable-pip-version-check \
    --root-user-action=ignore --no-compile --require-hashes -r requirements/uv.txt $2
}

# While pip downloads uv, the other processor makes byte code of what is here.
if here=$(find_python 'sys.version_info[:2] == (3, 13)'); then
  "$here" -m compileall -q functions layers local >/dev/null 2>&1 &
fi

if ! uv=$(command -v uv); then
  uv=$TOOL/bin/uv
  if python=$(find_python 'sys.version_info >= (3, 9) and has("pip")'); then
    install_uv "$python" "--target $TOOL"
  elif python=$(find_python 'sys.version_info >= (3, 9) and has("ensurepip")'); then
    "$python" -m venv "$TOOL"
    install_uv "$TOOL/bin/python" ""
  elif find_python 'sys.version_info >= (3, 9)' >/dev/null; then
    fail 'Python has neither pip nor venv here; install one of them (Debian, Ubuntu: apt install python3-venv)'
  else
    fail 'there is no Python from 3.9 on here; install Python 3.13'
  fi
fi

if .venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null; then
  : # stays, and gets a new uv
elif rm -rf .venv && python=$(find_python 'sys.version_info[:2] == (3, 13)'); then
  "$uv" venv -q --python "$python" .venv
else
  UV_PYTHON_DOWNLOADS=automatic UV_HTTP_RETRIES=1 "$uv" venv -q --python 3.13 .venv 2>/dev/null ||
    fail 'there is no Python 3.13 here and it could not be downloaded; install it, or set BASE_PYTHON=/path/to/python3.13'
fi

if [ -x "$TOOL/bin/uv" ]; then
  mv "$TOOL/bin/uv" .venv/bin/uv
else
  "$uv" pip install -q --python .venv/bin/python --require-hashes -r requirements/uv.txt
fi
touch .venv/bin/uv
