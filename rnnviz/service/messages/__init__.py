"""Everything that crosses the pipe between the window and the engine, as tagged msgspec structs.

Commands go from the window to the engine, replies and events come back. Time steps are 1-based
(0 = before the first); rows of time arrays are 0-based (row ``t - 1`` is time step ``t``).
Arrays travel as dtype + shape + raw bytes (see :mod:`rnnviz.service.wire`), never as pickles.
``base`` has what all share, ``commands`` and ``replies`` the main job; the gradient laboratory has one file an
experiment. A new experiment is named here once, in the two unions.
"""

from __future__ import annotations

from rnnviz.service.messages.base import PROTOCOL, Command, EngineState, Message, Reply
from rnnviz.service.messages.chain import Chained, TraceChain
from rnnviz.service.messages.commands import (
    Acknowledge,
    Differentiate,
    Inspect,
    MapCredit,
    MapHistory,
    MeasureDevices,
    Open,
    OpenCorpus,
    Pause,
    Reset,
    Restore,
    Save,
    SetRun,
    SetTraining,
    Stop,
    Subscribe,
    Train,
    Undo,
    Unroll,
    ViewTrainingStep,
)
from rnnviz.service.messages.confusion import ConfusionCounted, ConfusionCounts, ConfusionExample, CountConfusion
from rnnviz.service.messages.embedding import LookedUp, LookUp
from rnnviz.service.messages.evidence import Check, Prove, Proved
from rnnviz.service.messages.forecast import (
    DrawExample,
    ExampleDrawn,
    Forecast,
    Forecasted,
    ForecastMeasured,
    MeasureForecast,
)
from rnnviz.service.messages.generate import Generate, Generated
from rnnviz.service.messages.health import CheckHealth, HealthChecked
from rnnviz.service.messages.lengths import LengthsMeasured, MeasureLengths
from rnnviz.service.messages.movie import (
    ApplyUpdate,
    BackwardPlayed,
    LayerEdges,
    PlayBackward,
    UndoUpdate,
    UpdateReport,
    WeightSum,
    WeightsUpdated,
)
from rnnviz.service.messages.preview import DataPreviewed, PreviewData
from rnnviz.service.messages.probe import MemoryProbed, ProbeMemory
from rnnviz.service.messages.replies import (
    Autosave,
    CreditMapped,
    DeviceReport,
    Devices,
    Differentiated,
    HeldOut,
    HistoryMapped,
    Inspected,
    LayerArrays,
    LayerFlow,
    LossHistory,
    NotFinite,
    Opened,
    OperationValue,
    Ready,
    RealValues,
    Refused,
    RunChanged,
    Saved,
    StateChanged,
    Superseded,
    TaskReport,
    TermValue,
    TorchReady,
    TrainingFrame,
    Unrolled,
)
from rnnviz.service.messages.rivals import Compare, Compared, ComparedModel, RivalSpec
from rnnviz.service.messages.sharing import SharingModel, SharingTrained, TrainSharing
from rnnviz.service.messages.spectrum import MapSpectrum, Rescale, SpectrumMapped

AnyCommand = (
    SetRun
    | SetTraining
    | Unroll
    | Inspect
    | Differentiate
    | MapCredit
    | Train
    | Pause
    | Reset
    | Undo
    | ViewTrainingStep
    | MapHistory
    | MeasureDevices
    | Save
    | Open
    | OpenCorpus
    | Restore
    | Acknowledge
    | Subscribe
    | Stop
    | TraceChain
    | Prove
    | CheckHealth
    | PlayBackward
    | ApplyUpdate
    | UndoUpdate
    | Compare
    | MapSpectrum
    | Rescale
    | TrainSharing
    | ProbeMemory
    | MeasureLengths
    | Generate
    | LookUp
    | Forecast
    | MeasureForecast
    | DrawExample
    | PreviewData
    | CountConfusion
)
AnyReply = (
    Ready
    | TorchReady
    | RunChanged
    | Unrolled
    | Inspected
    | Differentiated
    | CreditMapped
    | TrainingFrame
    | HistoryMapped
    | StateChanged
    | LossHistory
    | HeldOut
    | NotFinite
    | Devices
    | Saved
    | Opened
    | Autosave
    | Superseded
    | Refused
    | Chained
    | Proved
    | HealthChecked
    | BackwardPlayed
    | WeightsUpdated
    | Compared
    | SpectrumMapped
    | SharingTrained
    | MemoryProbed
    | LengthsMeasured
    | Generated
    | LookedUp
    | Forecasted
    | ForecastMeasured
    | ExampleDrawn
    | DataPreviewed
    | ConfusionCounted
)

__all__ = [
    "PROTOCOL",
    "Acknowledge",
    "AnyCommand",
    "AnyReply",
    "ApplyUpdate",
    "Autosave",
    "BackwardPlayed",
    "Chained",
    "Check",
    "CheckHealth",
    "Command",
    "Compare",
    "Compared",
    "ComparedModel",
    "ConfusionCounted",
    "ConfusionCounts",
    "ConfusionExample",
    "CountConfusion",
    "CreditMapped",
    "DataPreviewed",
    "DeviceReport",
    "Devices",
    "Differentiate",
    "Differentiated",
    "DrawExample",
    "EngineState",
    "ExampleDrawn",
    "Forecast",
    "ForecastMeasured",
    "Forecasted",
    "Generate",
    "Generated",
    "HealthChecked",
    "HeldOut",
    "HistoryMapped",
    "Inspect",
    "Inspected",
    "LayerArrays",
    "LayerEdges",
    "LayerFlow",
    "LengthsMeasured",
    "LookUp",
    "LookedUp",
    "LossHistory",
    "MapCredit",
    "MapHistory",
    "MapSpectrum",
    "MeasureDevices",
    "MeasureForecast",
    "MeasureLengths",
    "MemoryProbed",
    "Message",
    "NotFinite",
    "Open",
    "OpenCorpus",
    "Opened",
    "OperationValue",
    "Pause",
    "PlayBackward",
    "PreviewData",
    "ProbeMemory",
    "Prove",
    "Proved",
    "Ready",
    "RealValues",
    "Refused",
    "Reply",
    "Rescale",
    "Reset",
    "Restore",
    "RivalSpec",
    "RunChanged",
    "Save",
    "Saved",
    "SetRun",
    "SetTraining",
    "SharingModel",
    "SharingTrained",
    "SpectrumMapped",
    "StateChanged",
    "Stop",
    "Subscribe",
    "Superseded",
    "TaskReport",
    "TermValue",
    "TorchReady",
    "TraceChain",
    "Train",
    "TrainSharing",
    "TrainingFrame",
    "Undo",
    "UndoUpdate",
    "Unroll",
    "Unrolled",
    "UpdateReport",
    "ViewTrainingStep",
    "WeightSum",
    "WeightsUpdated",
]
