"""See :mod:`rnnviz.service.messages.spectrum`."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from rnnviz.engine.recurrent import SpectralDial, recurrent_spectra
from rnnviz.service.lab.base import Experiment
from rnnviz.service.messages import MapSpectrum, Rescale, SpectrumMapped

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from rnnviz.engine.network import Network
    from rnnviz.engine.recurrent import BlockSpectrum
    from rnnviz.service.lab.base import Laboratory
    from rnnviz.service.workbench import Workbench

BESIDE_FROM = 128
"""Units: from here on eigenvalues take more than 5 ms and are found on a thread beside the loop."""
LOOK_EVERY_S = 0.002

_DIALS: WeakKeyDictionary[Workbench, dict[str, SpectralDial]] = WeakKeyDictionary()


def dial(bench: Workbench, layer: str) -> SpectralDial:
    """The one dial of this layer."""
    return _DIALS.setdefault(bench, {}).setdefault(layer, SpectralDial(layer))


def spectra_slices(network: Network, layer: str) -> Generator[None, None, Mapping[str, BlockSpectrum]]:
    """:func:`recurrent_spectra`, without keeping the loop from a keystroke while a large matrix is taken apart."""
    if network.spec.hidden >= BESIDE_FROM:
        yield from _beside(lambda: recurrent_spectra(network, layer))
    return recurrent_spectra(network, layer)


def _beside(work: Callable[[], object]) -> Generator[None, None, None]:
    """Run ``work`` on a thread (LAPACK gives the interpreter free) and pause until it is done.

    An error is raised again by the caller's own call: results are kept, failures are not.
    """
    thread = Thread(target=_quietly, args=(work,), name="rnnviz-spectrum", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(LOOK_EVERY_S)
        yield


def _quietly(work: Callable[[], object]) -> None:
    try:
        work()
    except np.linalg.LinAlgError:
        return


def _map(laboratory: Laboratory, command: MapSpectrum) -> Generator[None, None, SpectrumMapped]:
    bench = laboratory.bench
    bench.network.check_layer(command.layer)
    return _mapped(bench, bench.network, command.layer, bench.training_step)


def _mapped(
    bench: Workbench, network: Network, layer: str, training_step: int
) -> Generator[None, None, SpectrumMapped]:
    found = yield from spectra_slices(network, layer)
    turned = dial(bench, layer)
    return SpectrumMapped(
        layer=layer,
        real={name: each.eigenvalues.real for name, each in found.items()},
        imaginary={name: each.eigenvalues.imag for name, each in found.items()},
        radius={name: each.radius for name, each in found.items()},
        largest={name: each.largest for name, each in found.items()},
        base_radius=turned.base_radii(network),
        touched=turned.touched(network),
        training_step=training_step,
    )


def _rescale(laboratory: Laboratory, command: Rescale) -> SpectrumMapped:
    """Put the rescaled weights in force; the reply only says that it is done."""
    bench, training = laboratory.bench, laboratory.training
    live = training.live_network()
    live.check_layer(command.layer)
    turned = dial(bench, command.layer)
    network = turned.back(live) if command.reset else turned.turned(live, command.radius, command.gate)
    if network is not live:
        training.change_weights(network.weights)
    return SpectrumMapped(
        layer=command.layer,
        real={},
        imaginary={},
        radius={},
        largest={},
        base_radius=turned.base_radii(bench.network),
        touched=turned.touched(bench.network),
        training_step=bench.training_step,
    )


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(topic="spectrum", command=MapSpectrum, answer=_map),
    Experiment(topic="rescale", command=Rescale, answer=_rescale, changes=True),
)
