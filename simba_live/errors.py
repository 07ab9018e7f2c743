"""Mistakes that a user can mend, each told in one line that names the value and the way out."""


class SimbaLiveError(Exception):
    """A mistake a user can mend; the command line prints it without a traceback and exits with 2."""


class OptionError(SimbaLiveError):
    """A control, flag or argument has a value that cannot be used."""


class CheckpointError(SimbaLiveError):
    """A checkpoint folder is missing, damaged, of the wrong shape or unsafe to open."""


class AudioFileError(SimbaLiveError):
    """An audio file cannot be read or written."""


class CorpusError(SimbaLiveError):
    """A corpus folder, manifest or shard is missing, damaged or unusable."""


class MissingDependencyError(SimbaLiveError):
    """An optional package or system library is not installed; the message says how to get it."""


class DeviceError(SimbaLiveError):
    """A device is there, or was, but does not work now: busy, refusing, gone."""
