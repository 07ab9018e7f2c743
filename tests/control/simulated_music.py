"""A session without sound that keeps time as the real one: frames, a plan ahead, statuses now and then."""

import random
from dataclasses import dataclass, field

from simba_live.control.clock import Grid
from simba_live.control.driven import News, Outcome
from simba_live.events import Align, Event, Play, Set, Stop
from simba_live.status import Status

FRAME = 0.02
LOOK = 0.02


class SharedBeat:
    """A clock whose tempo can be changed; its bar lines are where `beat` is a multiple of the metre."""

    source = "link"

    def __init__(self, bpm=120.0, beat=0.0, **fields):
        self.bpm, self.beat, self.at, self.fields = bpm, beat, 0.0, fields
        self.there = True

    def change(self, now, bpm=None, by=0.0, **fields):
        """Another tempo, a jump by so many beats, or other fields, from now on."""
        self.beat, self.at = self.beat_at(now) + by, now
        self.bpm = self.bpm if bpm is None else bpm
        self.fields |= fields

    def beat_at(self, now):
        return self.beat + (now - self.at) * self.bpm / 60

    def read(self, now):
        return (
            Grid(**{"bpm": self.bpm, "beat": self.beat_at(now), "at": now} | self.fields)
            if self.there
            else None
        )

    def close(self):
        pass


@dataclass
class _Sent:
    event: Event
    frame: int
    done: object


@dataclass
class SimulatedMusic:
    """A `Driven`; `run` moves time on.

    `ahead` is the time from committing a frame to hearing it, `fork` the frames that a change needs on top;
    `drift` is how much slower the device's clock goes; `jitter` is how wrong `heard_at` may be.
    """

    bpm: float = 120.0
    beats_per_bar: int = 4
    ahead: float = 0.06
    fork: int = 2
    drift: float = 0.0
    jitter: float = 0.0
    playing: bool = True
    beat: float = 0.0
    now: float = 100.0
    frame: int = 0
    sent: list = field(default_factory=list)
    refuse: str = ""

    def __post_init__(self):
        self._dice = random.Random(1)
        self._listeners, self._waiting, self.history = [], [], []
        self._begun = self.now
        self._status = Status()
        self._commit()

    def run(self, until):
        """Commit the frames that are due by then."""
        self.now = until
        while self._heard_at(self.frame + 1) - self.ahead <= until:
            if self.playing:
                self.beat += FRAME * self.bpm / 60
            self.frame += 1
            self._commit()

    def heard(self, time):
        """The beat heard at a time, in truth."""
        at, beat, bpm = next(entry for entry in reversed(self.history) if entry[0] <= time)
        return beat + (time - at) * bpm / 60

    def send(self, event, quantum=None, done=None):
        assert quantum == "now"
        self.sent.append((self.now, event))
        self._waiting.append(_Sent(event, self.frame + self.fork, done))

    def status(self):
        return self._status

    def subscribe(self, listener):
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def turn(self, bpm):
        """The session's own player sets a tempo."""
        self._waiting.append(_Sent(Set("bpm", bpm), self.frame + self.fork, None))

    def _heard_at(self, frame):
        return self._begun + self.ahead + frame * FRAME * (1 + self.drift)

    def _commit(self):
        for sent in [sent for sent in self._waiting if sent.frame <= self.frame]:
            self._waiting.remove(sent)
            if not self.refuse:
                self._apply(sent.event)
            if sent.done is not None:
                sent.done(Outcome(None if self.refuse else self.frame, self.refuse))
        at = self._heard_at(self.frame)
        self.history.append((at, self.beat, self.bpm))
        if self.frame % 5 == 0:
            self._status = Status(
                ready=True,
                playing=self.playing,
                frame=self.frame,
                bpm=self.bpm,
                beats_per_bar=self.beats_per_bar,
                heard_beat=self.beat,
                heard_at=at + self._dice.uniform(-self.jitter, self.jitter),
            )

    def _apply(self, event):
        match event:
            case Set():
                self.bpm = event.value
                for listener in self._listeners:
                    listener(News("set", event=event, frame=self.frame))
            case Align():
                self.beat += event.beats
            case Play():
                self.playing = True
            case Stop():
                self.playing = False


def follow(follower, music, seconds, watch=None):
    """Let time pass, the follower looking as often as its thread would."""
    end = music.now + seconds
    while music.now < end:
        music.run(music.now + LOOK)
        follower.look(music.now)
        if watch is not None:
            watch(music.now)


def wrong(music, beat, time, period=4.0):
    """Seconds by which the music heard at a time is behind the beat."""
    behind = beat.beat_at(time) - music.heard(time)
    return (behind - period * round(behind / period)) * 60 / beat.bpm
