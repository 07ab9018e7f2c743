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
        heard_beat: where the music is at the first sample of the frame committed last, in beats since bar 0.
        heard_at: when that sample leaves the device, by `time.monotonic`; 0 before the first.
        listening: whether the music waits for the player, or in `shadow` hears them while it plays.
        turn_bars: bars until the other one's turn, this one included; 0 without turns.
        input: what the player is heard by; empty if by nothing.
        input_lost: why nothing comes from there at the moment; empty if all is well.
        input_peak: largest sample of the player's last tenth of a second, in dB of full scale.
        input_rms: level of the same, in dB of full scale.
        input_clipped: whether the player was too loud of late.
        tempo_source: whose tempo is followed: "link", "midi", "player"; empty if nobody's.
        followed_bpm: that tempo; 0 without one.
        midi: names of the MIDI inputs that are open.
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
    heard_beat: float = 0.0
    heard_at: float = 0.0
    listening: bool = False
    turn_bars: int = 0
    input: str = ""
    input_lost: str = ""
    input_peak: float = -120.0
    input_rms: float = -120.0
    input_clipped: bool = False
    tempo_source: str = ""
    followed_bpm: float = 0.0
    midi: tuple[str, ...] = ()
