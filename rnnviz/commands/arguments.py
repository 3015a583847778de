"""Every flag of the command line, and nothing that would make ``--help`` slow."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NoReturn

from rnnviz import __version__
from rnnviz.engine.tasks.names import TITLES

if TYPE_CHECKING:
    from collections.abc import Callable

CELLS = ("elman", "lstm", "gru")
ACTIVATIONS = ("tanh", "relu", "sigmoid", "identity")
INITIALISERS = ("default", "xavier", "orthogonal", "identity", "scaled")
TASKS = tuple(TITLES)
THEMES = ("light", "dark", "contrast", "system")
DEVICES = ("auto", "cpu", "cuda", "mps")
OPTIMISERS = ("adam", "sgd")
ZOOMS = ("far", "steps", "inside")
NOTATIONS = ("lecture", "dynamical", "abstract", "stacked", "layer", "uvw", "pytorch")

DATA_FLAGS = ("columns", "header", "encoding")
TASK_FLAGS = ("task", "data", *DATA_FLAGS)


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one sentence instead of the whole usage."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2 and what was wrong; ``--help`` is named for the rest."""
        self.exit(2, f"{self.prog}: {message[:1].upper()}{message[1:]}; see {self.prog} --help.\n")


def whole(low: int, high: int) -> Callable[[str], int]:
    """A converter for whole numbers from ``low`` to ``high``."""

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
        return value

    return convert


def real(low: float, high: float) -> Callable[[str], float]:
    """A converter for real numbers from ``low`` to ``high``."""

    def convert(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:  # so NaN is refused too
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {low:g} to {high:g}")
        return value

    return convert


def size(text: str) -> tuple[int, int]:
    """A picture size such as ``1600x1000``."""
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal()) or not (320 <= int(width) <= 7680 and 240 <= int(height) <= 4320):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1600x1000 (320x240 to 7680x4320)")
    return int(width), int(height)


def cells(text: str) -> tuple[str, ...]:
    """Cells to compare, such as ``elman,lstm,gru``; the first is the model on show."""
    names = tuple(text.split(","))
    if not 1 <= len(names) <= 3 or any(name not in CELLS for name in names):
        raise argparse.ArgumentTypeError(f"{text!r} is not one to three of {', '.join(CELLS)} with commas between")
    return names


def given(arguments: argparse.Namespace, names: tuple[str, ...]) -> dict[str, Any]:
    """The flags among ``names`` that the user set."""
    values = {name: getattr(arguments, name, None) for name in names}
    return {name: value for name, value in values.items() if value is not None and value is not False}


def build_parser() -> Parser:
    """The parser of the whole command line; without a command it opens the window."""
    parser = Parser(
        prog="rnnviz",
        description="Type a sequence, watch a recurrent network unroll and train, and see its gradient vanish. "
        "Without a command the window opens.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"rnnviz {__version__}")
    parser.set_defaults(command=None)
    _add_window_flags(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_trace(commands)
    _add_gradients(commands)
    _add_train(commands)
    _add_snapshot(commands)
    _add_bench(commands)
    return parser


def _command(commands: argparse._SubParsersAction[Parser], name: str, sentence: str) -> Parser:
    return commands.add_parser(name, help=sentence, description=sentence, allow_abbrev=False)


def _add_seed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seed", type=whole(0, 2**31 - 1), help="decides the initial weights and the order of batches (default 0)"
    )


def _add_first_weights(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--initialiser", choices=INITIALISERS, help="of the first weights (default: PyTorch's own)")
    parser.add_argument(
        "--radius", type=real(0, 10), metavar="R",
        help="spectral radius of the first W_hh with --initialiser orthogonal, identity or scaled (default 1)",
    )  # fmt: skip
    parser.add_argument(
        "--forget-bias", type=real(-20, 20), metavar="B",
        help="first bias of the LSTM's forget gate: b_ih = B, b_hh = 0 (default: as drawn)",
    )  # fmt: skip


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", metavar="FILE",
        help="your own data in place of the sample: a text (next-char, next-word), CSV or TSV (sentiment, word-labels, "
        "generate, translation, series), CoNLL-U (word-labels), FASTA (dna); "
        "for series also sines, steps or mackey-glass (with its delay: 'mackey-glass 17')",
    )  # fmt: skip
    parser.add_argument(
        "--columns", metavar="ROLE=COLUMN,…",
        help="which columns of --data are which, by name or number, such as sentence=review,label=stars",
    )  # fmt: skip
    parser.add_argument(
        "--header", choices=("yes", "no"), help="whether the first row of --data names its columns (default: found out)"
    )
    parser.add_argument(
        "--encoding", metavar="NAME", help="of --data, such as windows-1251 or shift_jis (default: found out)"
    )


def _add_window_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--text", help="the sequence to unroll")
    parser.add_argument("--task", choices=TASKS, help="what the network learns (with --data: default what suits it)")
    _add_data(parser)
    parser.add_argument("--cell", choices=CELLS, help="the recurrent cell")
    _add_first_weights(parser)
    parser.add_argument("--open", metavar="FILE", help="a .rnnviz session")
    parser.add_argument("--theme", choices=THEMES, help="colours of the window")
    parser.add_argument("--presenter", action="store_true", help="large type for a projector, nothing but the network")
    _add_seed(parser)


def _add_model_flags(parser: argparse.ArgumentParser, cell: str = "elman", units: str = "8") -> None:
    parser.add_argument("--cell", choices=CELLS, help=f"the recurrent cell (default {cell})")
    parser.add_argument("--hidden", type=whole(1, 1024), metavar="H", help=f"units of each layer (default {units})")
    _add_depth(parser)
    parser.add_argument("--activation", choices=ACTIVATIONS, help="of the Elman cell (default tanh)")
    parser.add_argument(
        "--embedding", type=whole(0, 512), metavar="E", help="width of a learned embedding; 0 is one-hot (default)"
    )
    _add_first_weights(parser)
    parser.add_argument("--task", choices=TASKS, help="what gives tokens and targets (default next-char)")
    _add_data(parser)
    _add_seed(parser)


def _add_depth(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--layers", type=whole(1, 8), metavar="N", help="layers on top of each other (default 1)")
    parser.add_argument("--bidirectional", action="store_true", help="add a second network that reads from the end")


def _add_analysis(parser: argparse.ArgumentParser) -> None:
    default = "the saved text with --open, the example with --task or --data"
    parser.add_argument("text", metavar="TEXT", nargs="?", help=f"the sequence (default: {default})")
    _add_model_flags(parser)
    parser.add_argument("--open", metavar="FILE", help="take model, task and trained weights from a .rnnviz session")
    parser.add_argument(
        "--notation", choices=NOTATIONS, default="lecture", help="of the array 'symbols' (default lecture)"
    )
    parser.add_argument("--out", metavar="FILE", required=True, help="the .npz to write")


def _add_trace(commands: argparse._SubParsersAction[Parser]) -> None:
    _add_analysis(_command(commands, "trace", "Write every hidden state, gate, logit and loss of a text to an .npz."))


def _add_gradients(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = _command(commands, "gradients", "Write the trace of a text and all its gradient norms to an .npz.")
    _add_analysis(parser)
    parser.add_argument(
        "--part",
        choices=("joint", "h", "c"),
        default="joint",
        help="which norm log2_total holds: over the hidden state, the cell state, or both (default joint)",
    )


def _add_train(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = _command(commands, "train", "Train without a window; the last line of stdout is one JSON object.")
    _add_model_flags(parser, "the task's own", "the task's own")
    parser.add_argument("--open", metavar="FILE", help="continue the run of a .rnnviz session")
    parser.add_argument("--text", help="the text that the window shows when it opens the result")
    parser.add_argument(
        "--steps", type=whole(1, 10_000_000), metavar="N", help="training steps (default: as many as learn the task)"
    )
    parser.epilog = (
        "What is not given is the task's own: the network and the training that learn it (explicit flags win)."
    )
    parser.add_argument("--rate", type=float, help="learning rate (default: the task's own)")
    parser.add_argument("--batch", type=whole(1, 1024), help="sequences in a batch (default: the task's own)")
    parser.add_argument("--clip", type=float, help="largest gradient norm, 0 for no clipping (default: the task's own)")
    parser.add_argument("--optimiser", choices=OPTIMISERS, help="(default: the task's own)")
    _add_truncation(parser)
    parser.add_argument("--length", type=whole(0, 5000), help="steps of a training sequence (default: the task's own)")
    parser.add_argument("--device", choices=DEVICES, help="auto measures what there is (default cpu)")
    parser.add_argument("--out", metavar="FILE", help="the .rnnviz session to write; Ctrl+C writes it too, exit code 0")
    parser.add_argument("--log", metavar="FILE", help="a .csv with one line a training step")


def _add_truncation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--truncate-length", type=whole(0, 5000), metavar="K2",
        help="truncated backpropagation: how many time steps back, 0 for all (default 0)",
    )  # fmt: skip
    parser.add_argument(
        "--truncate-every", type=whole(1, 5000), metavar="K1",
        help="time steps from one truncated backward pass to the next, at most K2 (default 1)",
    )  # fmt: skip


def _add_snapshot(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = _command(commands, "snapshot", "Render the real window to a picture, without a display.")
    _add_window_flags(parser)
    parser.add_argument("--hidden", type=whole(1, 1024), metavar="H", help="units of the layer")
    _add_depth(parser)
    parser.add_argument("--step", type=whole(0, 5000), metavar="T", help="move the cursor to this time step")
    parser.add_argument("--unit", type=whole(1, 1024), metavar="J", help="select this unit")
    parser.add_argument("--panel", metavar="NAME", action="append", default=[], help="open a track or panel by its key")
    parser.add_argument("--backward", action="store_true", help="gradient instead of forward pass")
    parser.add_argument("--zoom", choices=ZOOMS, help="level of detail")
    parser.add_argument("--notation", choices=NOTATIONS, help="of every label and equation (default lecture)")
    parser.add_argument("--shapes", action="store_true", help="the shapes beside the weights")
    parser.add_argument("--composed", action="store_true", help="the state as one function of all inputs so far")
    parser.add_argument(
        "--compare", type=cells, metavar="CELLS", help="models side by side: one to three cells such as elman,lstm,gru"
    )
    parser.add_argument("--train", type=whole(1, 100_000), metavar="N", help="train N steps first")
    view = parser.add_mutually_exclusive_group()
    view.add_argument("--simple", action="store_true", help="the five controls of the first start")
    view.add_argument("--full", action="store_true", help="every control, inspector, training card and tracks")
    parser.add_argument("--size", type=size, default=(1600, 1000), metavar="WxH", help="(default 1600x1000)")
    parser.add_argument("--timeout", type=whole(1, 3600), default=120, metavar="S", help="give up after (default 120)")
    parser.add_argument("--out", metavar="FILE", required=True, help="the .png to write")


def _add_bench(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = _command(commands, "bench", "Measure: name ours_ms base_ms ratio target PASS|FAIL.")
    parser.add_argument("names", metavar="NAME", nargs="*", help="which ones (default: all); 'list' names them")
    parser.add_argument("--minutes", type=real(0, 1440), default=0.5, help="length of the memory benchmark's training")
    _add_seed(parser)
