"""The Qt-free engine: networks, traces, exact gradients, training. A library for scripts too."""
