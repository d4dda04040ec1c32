"""What starting the stack does not import, in a fresh process."""

import subprocess
import sys

from local.settings import ROOT


def test_the_stack_starts_without_motos_ec2_and_batch() -> None:
    check = "import sys, local.stack; print(*{'moto.ec2', 'moto.batch'} & set(sys.modules))"
    command = [sys.executable, "-c", check]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
