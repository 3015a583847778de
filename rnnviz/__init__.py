"""rnnviz: watch a recurrent network unroll, train, and lose its gradient.

This module holds the version only: it imports no numpy, torch or Qt, so that
``rnnviz --version`` answers at once and without a display.
"""

__version__ = "0.1.0"
