"""The C library takes the advice where there is one to take it, and large arrays still go back to the system."""

from __future__ import annotations

import platform
import subprocess
import sys
import textwrap

import pytest

from rnnviz.engine import allocation


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has mallopt")
def test_freed_arrays_are_kept_and_large_ones_are_not():
    """The faults of a loop over arrays of a megabyte, in a process of its own, with and without the advice."""
    program = textwrap.dedent("""
        import resource, sys
        import numpy as np
        from rnnviz.engine.allocation import keep_freed_memory
        if sys.argv[1] == "kept":
            assert keep_freed_memory()
        def faults(size):
            for _ in range(2):
                arrays = [np.zeros(size, np.uint8) + 1 for _ in range(10)]
                del arrays
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            for _ in range(20):
                arrays = [np.zeros(size, np.uint8) + 1 for _ in range(10)]
                del arrays
            return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
        print(faults(2**20))
    """)
    counts = {
        advice: int(subprocess.run([sys.executable, "-c", program, advice], capture_output=True, check=True).stdout)
        for advice in ("kept", "given back")
    }
    assert counts["kept"] * 10 < counts["given back"]


def test_another_system_is_left_alone(monkeypatch):
    monkeypatch.setattr(allocation.sys, "platform", "darwin")
    assert not allocation.keep_freed_memory()
