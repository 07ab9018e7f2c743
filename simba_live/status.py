"""How a live session stands, as a value that displays and clients read."""

from __future__ import annotations

from dataclasses import dataclass, field

from simba_live.controls import Value


@dataclass(frozen=True)
class Status:
    """A session at one moment.

    Attributes:
        ready: warmed up; before that nothing can be played.
        playing: whether music is being made (it may be muted).
        model: name of the model.
        device: where the model runs, such as "cpu".
        frame: frames sent to the output since the start, silence included.
        seconds: the same in seconds.
        bpm: the tempo that is playing.
        bar: number of the bar, from 0.
        beat: position in the bar, in beats.
        beats_per_bar: the metre.
        section: the section that is playing; empty with `free`.
        chord: the chord that is playing; empty with `free`.
        key: the key that is playing; empty if free.
        style: the arranger's style.
        prompts: texts and weights.
        values: what every live control is set to; None is left to the music.
        held_notes: MIDI pitches held.
        snapshots: names that can be recalled.
        undo_bars: bars that can be undone.
        step_p50: milliseconds to make one frame, median of the last 10 s.
        step_p99: 99th percentile of the same.
        frame_ms: milliseconds that a frame lasts.
        plan_seconds: music made ahead.
        committed_seconds: music that can no longer be changed.
        underruns: times that the output ran dry.
        peak: largest sample of the last tenth of a second, in dB of full scale.
        rms: level of the same, in dB of full scale.
        sink: what the sound goes to, such as "null" or a device's name.
        sink_lost: why the sound goes nowhere at the moment; empty if it goes where it should.
        recording: file being written, empty if none.
        recorded_seconds: length of it.
        clients: addresses of the clients that were heard of lately.
    """

    ready: bool = False
    playing: bool = False
    model: str = ""
    device: str = ""
    frame: int = 0
    seconds: float = 0.0
    bpm: float = 0.0
    bar: int = 0
    beat: float = 0.0
    beats_per_bar: int = 4
    section: str = ""
    chord: str = ""
    key: str = ""
    style: str = ""
    prompts: tuple[tuple[str, float], ...] = ()
    values: dict[str, Value] = field(default_factory=dict)
    held_notes: tuple[int, ...] = ()
    snapshots: tuple[str, ...] = ()
    undo_bars: int = 0
    step_p50: float = 0.0
    step_p99: float = 0.0
    frame_ms: float = 20.0
    plan_seconds: float = 0.0
    committed_seconds: float = 0.0
    underruns: int = 0
    peak: float = -120.0
    rms: float = -120.0
    sink: str = ""
    sink_lost: str = ""
    recording: str = ""
    recorded_seconds: float = 0.0
    clients: tuple[str, ...] = ()
