import subprocess
import sys

SCRIPT = """
import logging, os, sys, warnings
from training.noise import hide_library_noise
hide_library_noise()
os.write(2, b"C++ talks")
logging.warning("a logger talks")
warnings.warn("a warning")
print("this program talks", file=sys.stderr)
"""


def test_only_the_program_itself_reaches_the_terminal():
    result = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)

    assert result.stderr == "this program talks\n"
