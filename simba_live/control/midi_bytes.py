"""Bytes of a MIDI cable to messages: running status, real-time bytes anywhere, noise left out.

mido's own parser drops a message that a clock byte comes in the middle of, and knows no running status; some
drivers and cables give both.
"""

from __future__ import annotations

from collections.abc import Iterable

from mido import Message

SYSEX_START, SYSEX_END = 0xF0, 0xF7

_DATA_BYTES = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
"""Of the channel messages, by the upper half of their status."""

_COMMON_DATA_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1, 0xF6: 0}
"""Of those for all channels."""

_REAL_TIME = (0xF8, 0xFA, 0xFB, 0xFC, 0xFE, 0xFF)


class Decoder:
    """One cable: it remembers a message that is not whole yet, and the status that the next may leave out."""

    def __init__(self) -> None:
        self._status = 0
        self._data: list[int] = []

    def feed(self, data: Iterable[int]) -> list[Message]:
        """The messages that are whole with these bytes, in order. Those of makers (sysex) are left out."""
        messages = []
        for byte in data:
            if byte in _REAL_TIME:
                messages.append(Message.from_bytes([byte]))
            elif byte >= 0x80:
                self._status, self._data = byte, []
            elif self._status:
                self._data.append(byte)
            whole = self._whole() if byte < SYSEX_START or byte in _COMMON_DATA_BYTES else None
            if whole is not None:
                messages.append(whole)
        return messages

    def _whole(self) -> Message | None:
        """The message, if all of it is here."""
        channel = self._status < SYSEX_START
        wanted = (_DATA_BYTES if channel else _COMMON_DATA_BYTES).get(
            self._status & 0xF0 if channel else self._status
        )
        if wanted is None:  # Bytes after no status at all, or of a maker's message.
            self._data = []
            return None
        if len(self._data) < wanted:
            return None
        message = Message.from_bytes([self._status, *self._data])
        self._data = []
        if not channel:
            self._status = 0
        return message
