"""A dialogue in a room of its own: a fake session, a clock to turn, no socket."""

from simba_live.control.dialogue import Dialogue
from simba_live.control.fake import FakeDriven
from simba_live.control.packets import decode, encode

A, B = ("127.0.0.1", 5001), ("127.0.0.1", 5002)
UNIX = 1.8e9


class Room:
    """A dialogue with a fake session, a clock to turn, and all that was sent."""

    def __init__(self):
        self.driven = FakeDriven()
        self.now = 100.0
        self.packets = []
        self.mail = []
        self.dialogue = Dialogue(
            self.driven, lambda place, packet: self.packets.append((place, packet)), self.mail.append
        )
        self.driven.subscribe(lambda news: self.mail.append(lambda now: self.dialogue.tell(news, now)))
        self.dialogue.tick(self.now)

    def settle(self):
        while self.mail:
            self.mail.pop(0)(self.now)

    def wait(self, seconds):
        until = self.now + seconds
        while self.dialogue.next <= until:
            self.now = max(self.now, self.dialogue.next)
            self.dialogue.tick(self.now)
            self.settle()
        self.now = until

    def hear(self, packet, source=A):
        self.dialogue.hear(packet, source, self.now, UNIX + self.now)
        self.settle()

    def send(self, path, *values, source=A):
        """What was sent to `source` because of this message, as (path, *values)."""
        self.told()
        self.hear(encode(path, values), source)
        return self.told(source)

    def told(self, place=None):
        """What was sent since the last call, to one place or to all."""
        packets, self.packets = self.packets, []
        return [
            (message.path, *message.values)
            for to, packet in packets
            if place in (None, to)
            for message in decode(packet)
        ]

    def bundled(self, ahead, *messages):
        import struct

        tag = int((UNIX + self.now + ahead + 2208988800) * 2**32)
        packet = b"#bundle\0" + struct.pack(">Q", tag)
        for one in messages:
            content = encode(one[0], one[1:])
            packet += struct.pack(">i", len(content)) + content
        return packet
