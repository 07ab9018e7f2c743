"""Sound in files: reading, resampling and writing, without torch."""

from .files import AudioWriter, check_writable, convert, limit, read_audio

__all__ = ["AudioWriter", "check_writable", "convert", "limit", "read_audio"]
