"""Sound to ears and to files, and from files, without torch."""

from .files import AudioWriter, check_writable, convert, read_audio
from .level import Fader, Meter, limit
from .output import Output
from .record import Recorder

__all__ = [
    "AudioWriter",
    "Fader",
    "Meter",
    "Output",
    "Recorder",
    "check_writable",
    "convert",
    "limit",
    "read_audio",
]
