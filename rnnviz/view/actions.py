"""Everything a user can do, in one table: menus, buttons, key sheet and command finder are made from it.

``verb`` names who does it and what: ``session.train``, ``playback.toggle``, ``shell.save`` (the window)
or ``view.zoom`` (a value of the view state), with ``argument`` for it. ``shortcuts`` are portable
key names, several separated by a space; keys without Ctrl or Alt are off while text is being typed.
"""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.engine.tasks.names import SENTENCES, TITLES


@dataclass(frozen=True)
class ActionSpec:
    """One line of the table. ``tip``: what it does and when, in two sentences; ``formula`` where there is one."""

    key: str
    text: str
    menu: str
    verb: str
    shortcuts: str = ""
    icon: str = ""
    tip: str = ""
    formula: str = ""
    argument: object = None
    short: str = ""
    checkable: bool = False
    separator: bool = False


def _a(
    key: str, text: str, verb: str, shortcuts: str = "", icon: str = "", tip: str = "", **more: object
) -> ActionSpec:
    return ActionSpec(key, text, "", verb, shortcuts, icon, tip, **more)  # type: ignore[arg-type]


_FILE = (
    _a("new", "New session", "documents.new_session", "Ctrl+N", "new",
       "Start again with \"hello\" and a small Elman network. Unsaved changes are asked about first."),
    _a("open", "Open session…", "documents.open", "Ctrl+O", "open",
       "Open a saved session and go on where it was. Training continues with the same weights and optimiser state."),
    _a("save", "Save session", "documents.save", "Ctrl+S", "save",
       "Keep text, network, weights and view in one .rnnviz file. The old file stays whole until the new one is.",
       separator=True),
    _a("save-as", "Save session as…", "documents.save_as", "Ctrl+Shift+S", "save",
       "Keep the session under another name. The file that was open stays as it is."),
    _a("open-data", "Open data…", "documents.open_data", "Ctrl+D", "text",
       "Look at a file of your own (CSV, TSV, CoNLL-U, FASTA, numbers, text), then learn it. This makes a new network.",
       separator=True),
    _a("open-text", "Learn from a text file…", "documents.open_text", "Ctrl+Shift+O", "text",
       "Train on your own text, seen in a preview first. This makes a new network."),
    _a("quit", "Quit", "documents.close_window", "Ctrl+Q", "quit",
       "Close the window and end the engine. Unsaved changes are asked about first.", separator=True),
)  # fmt: skip

_NETWORK = (
    _a("cell-elman", "Elman cell", "shell.set_cell", "1", "",
       "The simple recurrent cell: one tanh of the input and the last state. Its gradient fades fastest.",
       formula="h_t = tanh(W_{xh} x_t + W_{hh} h_{t-1} + b_h)", argument="elman", checkable=True,
       short="Elman"),
    _a("cell-lstm", "LSTM cell", "shell.set_cell", "2", "",
       "Gates decide what the cell state keeps, writes and shows. The path through c has no matrix, so error survives.",
       formula="c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t", argument="lstm", checkable=True, short="LSTM"),
    _a("cell-gru", "GRU cell", "shell.set_cell", "3", "",
       "One gate mixes the old state with a candidate. It has fewer parameters than an LSTM.",
       formula="h_t = (1 − z_t) ⊙ n_t + z_t ⊙ h_{t-1}", argument="gru", checkable=True, short="GRU"),
    _a("units-more", "More units", "shell.change_units", "]", "plus",
       "Double the size of the hidden state step by step. This makes a new network.", argument=1, separator=True),
    _a("units-fewer", "Fewer units", "shell.change_units", "[", "minus",
       "Make the hidden state smaller. This makes a new network.", argument=-1),
    _a("settings", "Model and training…", "panels.show_settings", "Ctrl+,", "settings",
       "Learning rate, batch, optimiser, clipping, seed, layers and encoding. What needs a new network says so first.",
       separator=True),
)  # fmt: skip

_TASK = (
    _a("next-task", "Next task", "shell.next_task", "Ctrl+Alt+N", "",
       "Learn the next task of the list. After the last one the first comes again.", argument=1),
    _a("previous-task", "Previous task", "shell.next_task", "Ctrl+Alt+P", "",
       "Learn the task before this one in the list. Before the first one stands the last.", argument=-1),
    _a("pattern-acceptor", "Many to one (acceptor)", "shell.set_pattern", "Ctrl+Alt+5", "",
       "Open the last task that reads a sequence and answers once at its end. There is one output and one loss.",
       argument="acceptor", checkable=True, short="Many to one", separator=True),
    _a("pattern-transducer", "Many to many (transducer)", "shell.set_pattern", "Ctrl+Alt+6", "",
       "Open the last task that answers at every step. Every copy has an output and a loss.",
       argument="transducer", checkable=True, short="Many to many"),
    _a("pattern-one-to-sequence", "One to many (generator)", "shell.set_pattern", "Ctrl+Alt+7", "",
       "Open the last task that reads one label and writes a text. Every later input is the output before it.",
       argument="one-to-sequence", checkable=True, short="One to many"),
    _a("pattern-encoder-decoder", "Two lengths (encoder-decoder)", "shell.set_pattern", "Ctrl+Alt+8", "",
       "Open the last task that reads a sequence and writes another. The decoder begins with the encoder's last state.",
       argument="encoder-decoder", checkable=True, short="Encoder-decoder"),
    _a("own-outputs", "Own outputs fed back", "shell.toggle_feeding", "O", "",
       "Let the network read its own outputs in place of the wanted ones. Off is teacher forcing, as in training.",
       formula="x_{t+1} ∼ softmax(z / T)", checkable=True),
    _a("another-example", "Another example", "shell.another_example", "Ctrl+Alt+E", "",
       "Type a fresh sequence of a task on numbers. Every one has a seed of its own."),
    *(_a(f"series-{key}", f"Series: {title}", "shell.set_series", f"Ctrl+Alt+{letter}", "",
         f"Learn {words}, predicting every next number. This makes a new network, with an example to read.",
         argument=key)
      for key, letter, title, words in (("sines", "I", "sine mixtures", "mixtures of two sines"),
                                        ("mackey-glass", "G", "Mackey–Glass", "the chaotic Mackey–Glass series"),
                                        ("steps", "L", "noisy steps", "levels that jump, seen through noise"))),
    *(_a(f"task-{name}", f"Task: {title}", "shell.set_task", "", "",
         f"{SENTENCES[name]}\nA new network of the size that learns it is made, with an example to read.",
         argument=name, checkable=True, short=title, separator=index == 0)
      for index, (name, title) in enumerate(TITLES.items())),
)  # fmt: skip

_TRAINING = (
    _a("train", "Train", "session.toggle_training", "T", "play",
       "Train until you pause; the pictures follow the weights. Editing the text pauses.",
       formula="W ← W − η · ∂C/∂W"),
    _a("train-one", "One training step", "session.train_one_step", "Shift+T", "step",
       "Do one update of the shared weights. The contributions of all copies are summed first.",
       formula="∂C/∂W = ∑_t ∂C/∂W_{(t)}", short="One step"),
    _a("reset", "Reset the weights", "shell.reset", "Ctrl+R", "reset",
       "Start again from the first weights of this seed. The training curve is cleared."),
    _a("bring-back", "Bring the earlier network back", "session.restore_previous", "Ctrl+Shift+Z", "undo",
       "Go back to the trained network that the last new one has replaced. The present one takes its place."),
    _a("undo", "Undo 20 training steps", "session.undo", "Ctrl+Z", "undo",
       "Go back 20 training steps. As many as the engine remembers can be undone.", argument=20, separator=True),
    _a("clip", "Clip gradients", "session.clip_gradients", "Ctrl+Alt+C", "",
       "Limit the length of the gradient to 1. Exploding gradients can then not throw the weights away.",
       formula="g ← g · min(1, 1/‖g‖)"),
    _a("lower-rate", "Lower the learning rate", "session.lower_rate", "Ctrl+Alt+R", "",
       "Take a third of the present rate. Helps when the loss jumps or becomes infinite."),
    _a("curves", "Examine the training curves…", "dialogs.show_curves", "Ctrl+Alt+T", "curve",
       "Open loss, accuracy and gradient norm in a window of their own. Zoom in, read off, save as CSV."),
    _a("measure", "Measure devices", "session.measure_devices", "Ctrl+Alt+M", "chip",
       "Train this model for a moment on every device found. One sentence then says which is faster.",
       separator=True),
)  # fmt: skip

_STEP = (
    _a("play", "Play", "playback.toggle", "Space", "play",
       "Walk through the steps in the chosen direction. Space pauses again.", short=""),
    _a("back", "One step to the left", "shell.walk", "Left", "back",
       "Go one time step to the left. Forward takes the step back, backward carries the gradient one step on.",
       argument=-1),
    _a("step", "One step to the right", "shell.walk", "Right", "forward",
       "Go one time step to the right. Forward computes one more step, backward takes the gradient one step back.",
       argument=1),
    _a("first", "First step", "shell.walk_to", "Home", "first",
       "Go to the left end of the walk. Backward has then reached step 1.", argument=-1),
    _a("last", "Last step", "shell.walk_to", "End", "last",
       "Go to the right end of the walk. Forward has computed all steps then, backward is at its loss.", argument=1),
    _a("inside-on", "Next part of the step", "playback.step_inside", "Ctrl+Right", "right",
       "Go through one step operation by operation: input, gates, state, output, loss. The inspector marks the part.",
       separator=True),
    _a("inside-back", "Previous part of the step", "playback.back_inside", "Ctrl+Left", "left",
       "Go back one operation inside the step. The inspector marks the part."),
    _a("faster", "Faster", "shell.change_speed", "Ctrl+Up", "",
       "Double the speed of playing. From 4 times on only the cursor moves.", argument=1, separator=True),
    _a("slower", "Slower", "shell.change_speed", "Ctrl+Down", "", "Halve the speed. The slowest is a quarter.",
       argument=-1),
    _a("forward", "Forward", "shell.set_direction", "F", "arrow-right",
       "Show the forward pass. States flow to the right, one step after the other.", argument="forward",
       checkable=True, separator=True),
    _a("backward", "Backward", "shell.set_direction", "R", "arrow-left",
       "Show the gradient of one loss as it flows back. Each step multiplies it by one more factor.",
       formula="∂C_k/∂h_t = ∂C_k/∂h_{t+1} · ∂h_{t+1}/∂h_t", argument="backward", checkable=True),
    _a("part", "Gradient through hidden or cell state, or both", "shell.next_part", "G", "",
       "Change which part of an LSTM's state the gradient norm is of. Both together is the default."),
    _a("threshold", "Memory threshold 1 % or 10 %", "shell.next_threshold", "H", "",
       "Change which share of a gradient counts as remembered. It is printed beside the memory horizon."),
    _a("unit-up", "Unit above", "shell.move_unit", "Up", "", "Select the unit above. Every view marks it.", argument=-1,
       separator=True),
    _a("unit-down", "Unit below", "shell.move_unit", "Down", "", "Select the unit below. Every view marks it.",
       argument=1),
    _a("layer-up", "Layer above", "shell.move_layer", "Shift+Up", "",
       "Show the chain above: the next layer, or the other direction. Every track and gradient view follows.",
       argument=1),
    _a("layer-down", "Layer below", "shell.move_layer", "Shift+Down", "",
       "Show the chain below: the layer before, or the other direction. Every track and gradient view follows.",
       argument=-1),
    _a("pin", "Pin the value to Watch", "watch.pin", "P", "pin",
       "Keep the selected unit of this step in the Watch panel. Two pinned columns show side by side."),
)  # fmt: skip

_VIEW = (
    _a("simple", "Simple view", "window.toggle_simple", "F9", "simple",
       "Show only text, cell, play, Train and More. Press again for everything.", checkable=True),
    _a("compare", "Compare models", "view.compare", "C", "compare",
       "Put up to three models side by side on the same text, trained together. Esc or C goes back to the network.",
       formula="‖∂C_k/∂h_t‖ / ‖∂C_k/∂h_k‖", checkable=True),
    _a("zoom-far", "Far: heat map", "view.zoom", "Ctrl+1", "", "See the whole text as a heat map. One row is one unit.",
       argument="far", checkable=True, separator=True, short="Far"),
    _a("zoom-steps", "Steps: unrolled copies", "view.zoom", "Ctrl+2", "",
       "See one copy of the cell for every step. Every copy uses the same matrices.", argument="steps", checkable=True,
       short="Steps"),
    _a("zoom-inside", "Inside: one cell", "view.zoom", "Ctrl+3", "",
       "See the arithmetic of one cell with its numbers. Each unit is one row.", argument="inside", checkable=True,
       short="Inside"),
    _a("zoom-in", "Zoom in", "shell.zoom_axis", "+ =", "zoom-in",
       "Make the steps wider about the cursor. Ctrl and the wheel zoom about the pointer.", argument=1),
    _a("zoom-out", "Zoom out", "shell.zoom_axis", "- Esc", "zoom-out",
       "Make the steps narrower, or leave the inside of a cell. Far out the text becomes a ribbon.", argument=-1),
    _a("unfold", "Fold or unfold", "view.folded", "U", "unfold",
       "Slide the copies out of the folded cell, or back into it. The numbers are the same.", checkable=True),
    _a("sort", "Sort the units", "shell.next_sort", "S", "rows",
       "Order the rows as they are, by mean, or by similarity. Only the picture changes, not the network."),
    _a("bigger", "Larger type", "shell.zoom_ui", "Ctrl++ Ctrl+=", "", "Make all larger. Up to 250 %.", argument=1,
       separator=True),
    _a("smaller", "Smaller type", "shell.zoom_ui", "Ctrl+-", "", "Make everything smaller. Down to 70 %.", argument=-1),
    _a("actual", "Actual size", "shell.zoom_ui", "Ctrl+0", "", "Go back to 100 %. The screen's own scale stays.",
       argument=0),
    _a("theme-light", "Light theme", "view.theme", "Ctrl+Alt+1", "theme", "Ink on paper. Best in a bright room.",
       argument="light", checkable=True, separator=True),
    _a("theme-dark", "Dark theme", "view.theme", "Ctrl+Alt+2", "", "Light on black. Best in a dark room.",
       argument="dark", checkable=True),
    _a("theme-contrast", "High contrast", "view.theme", "Ctrl+Alt+3", "",
       "The strongest contrast. For weak projectors and weak eyes.", argument="contrast", checkable=True),
    _a("theme-system", "As the system", "view.theme", "Ctrl+Alt+4", "",
       "Follow the system's light or dark setting. The default.", argument="system", checkable=True),
    _a("motion", "Reduce motion", "view.reduced_motion", "Ctrl+Alt+0", "",
       "Switch all animation off. Steps then change at once.", checkable=True),
    _a("presenter", "Present", "window.toggle_presenter", "F11 F5", "present",
       "Fill the screen with the network and one track, in large type. Arrows and page keys move, Esc ends it.",
       checkable=True, separator=True),
    _a("stops", "Presenter stops…", "dialogs.show_stops", "Shift+F5", "present",
       "Choose where a remote control stops: folded cell, first steps, end, loss, sweep, horizon. Kept with the view."),
)  # fmt: skip

_NOTATION = (
    _a("notation", "Next notation", "shell.next_notation", "N", "text",
       "Write every label, equation and tip as another course does. After the last one the lecture's own comes again."),
    _a("notation-lecture", "Lecture", "view.notation", "Ctrl+Shift+1", "",
       "The default: state h, and one matrix for each rail. It is the stacked vector with its matrix in two blocks.",
       argument="lecture", checkable=True, separator=True),
    _a("notation-dynamical", "Dynamical system", "view.notation", "Ctrl+Shift+2", "",
       "h(t) = f(h(t−1), x(t); θ). The same θ at every step, after Goodfellow et al.",
       argument="dynamical", checkable=True),
    _a("notation-abstract", "Abstract cell", "view.notation", "Ctrl+Shift+3", "",
       "R makes the next state s, O the output y. What is inside R is left to the cell.",
       argument="abstract", checkable=True),
    _a("notation-stacked", "Stacked vector", "view.notation", "Ctrl+Shift+4", "",
       "One matrix W times the input over the last state. The loss compares y with the truth GT.",
       argument="stacked", checkable=True),
    _a("notation-layer", "Layer parameters", "view.notation", "Ctrl+Shift+5", "",
       "Activations A and rows of numbers times parameters. Shapes are always shown: (d, units).",
       argument="layer", checkable=True),
    _a("notation-uvw", "U, W, V", "view.notation", "Ctrl+Shift+6", "",
       "U reads the input, W carries the state, V makes the output. Time stands in brackets.",
       argument="uvw", checkable=True),
    _a("notation-pytorch", "PyTorch", "view.notation", "Ctrl+Shift+7", "",
       "The names of torch.nn with both bias vectors. For reading beside a debugger.",
       argument="pytorch", checkable=True),
    _a("shapes", "Shapes of the weights", "view.shapes", "Ctrl+Shift+8", "",
       "Write the shape beside every weight. Each notation counts rows and columns in its own order.",
       checkable=True, separator=True),
    _a("composed", "Composed function", "view.composed", "Shift+N", "",
       "Write the state as one function of all inputs so far, in a line under the stage. It grows with the steps.",
       checkable=True),
)  # fmt: skip

_HELP = (
    _a("find", "Find a command…", "dialogs.show_finder", "Ctrl+K", "find",
       "Type a few letters and press Enter. Every command of the program is here.", short="Find"),
    _a("keys", "Keys", "dialogs.show_keys", "? F1", "keys",
       "Show every key on one sheet. Esc or another press closes it."),
    _a("type", "Type the text", "window.focus_text", "Ctrl+L Return", "text",
       "Put the caret behind the last letter. Esc leaves the text, and single keys work again."),
    _a("more", "More", "window.show_menu", "F10", "more",
       "Everything else: panels, tracks, settings, files, themes. The keys stand beside the names."),
)  # fmt: skip


def _in_menu(menu: str, actions: tuple[ActionSpec, ...]) -> tuple[ActionSpec, ...]:
    return tuple(ActionSpec(**{**vars(spec), "menu": menu}) for spec in actions)


MENUS = ("File", "Network", "Task", "Training", "Step", "View", "Notation", "Panels", "Help")
ACTIONS: tuple[ActionSpec, ...] = (
    *_in_menu("File", _FILE),
    *_in_menu("Network", _NETWORK),
    *_in_menu("Task", _TASK),
    *_in_menu("Training", _TRAINING),
    *_in_menu("Step", _STEP),
    *_in_menu("View", _VIEW),
    *_in_menu("Notation", _NOTATION),
    *_in_menu("Help", _HELP),
)


def conflicts(specs: tuple[ActionSpec, ...]) -> dict[str, list[str]]:
    """Shortcuts that more than one action claims (Qt then fires neither)."""
    owners: dict[str, list[str]] = {}
    for spec in specs:
        for shortcut in spec.shortcuts.split():
            owners.setdefault(shortcut.lower(), []).append(spec.key)
    return {shortcut: keys for shortcut, keys in owners.items() if len(keys) > 1}
