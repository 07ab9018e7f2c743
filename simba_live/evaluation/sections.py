"""The report's other sections: codec, controls, changes in mid-stream, long streams, natural prompts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from simba_live.training.watching import watch

from . import changes, natural_prompts
from .bench import Bench
from .changes import KINDS, Promptness, judge_changes, live_cases, spliced_cases
from .codec_quality import UNQUANTISED, judge_codec
from .held_out import draw_audio
from .long_streams import LongFigures, MinuteFigures, judge_streams
from .perceived import perceive
from .pieces import ARRANGER, FREE
from .report import Aim, Section, codec_table, markdown_table
from .steering import LEAD, LEVELS, Steered, Steering, judge_steering
from .streams import Stream, play_streams

FIRST_LOG_MEL = 7.00
"""Log-mel distance in dB of the first codec that shipped, all eight codebooks, on its held-out music."""

OTHER_SECONDS = 600.0
"""How much of the second corpus the codec is judged on."""


def codec_section(bench: Bench) -> Section:
    """The codec by number of codebooks, on held-out music and, if there is any, on other music."""
    plan, codec = bench.plan, bench.codec
    folders: list[tuple[str, Path, str | None, int]] = [("held-out music", *plan.judged, plan.settings)]
    if plan.other_corpus is not None:
        folders.append(("other music", plan.other_corpus, None, round(OTHER_SECONDS / plan.seconds)))
    parts: list[str] = []
    figures: dict[str, object] = {"codec_fingerprint": codec.fingerprint()}
    aims: list[Aim] = []
    for name, folder, split, count in folders:
        clips = draw_audio(folder, split, count, plan.seconds, plan.seed, codec.sample_rate)
        table = judge_codec(codec, watch(clips, f"codec on {name}"))
        for row, score in perceive(codec, clips).items():
            table[row]["visqol"] = score
        minutes = len(clips) * plan.seconds / 60.0
        parts.append(
            f"Codec {codec.fingerprint()} on {name}, {len(clips)} excerpts of {plan.seconds:g} s "
            f"({minutes:.0f} minutes):\n\n{codec_table(table)}"
        )
        figures[f"codec on {name}"] = table
        aims += _codec_aims(name, table[str(codec.num_codebooks)])
    return Section("Codec", "\n\n".join([*parts, CODEC_NOTES]), figures, aims)


def _codec_aims(name: str, whole: Mapping[str, float]) -> list[Aim]:
    """What is to be reached with all codebooks."""
    ratio, mel = whole["si_sdr"], whole["log_mel"]
    return [
        Aim(f"codec on {name}: SI-SDR 8 dB or more", f"{ratio:.1f} dB", ratio >= 8.0),
        Aim(
            f"codec on {name}: log-mel distance a third below the first one's {FIRST_LOG_MEL:.2f} dB",
            f"{mel:.2f} dB",
            mel <= FIRST_LOG_MEL * 2.0 / 3.0,
        ),
    ]


CODEC_NOTES = (
    "ViSQOL (audio mode, 1 to 4.7) is of the first 8 excerpts, 6 s of each, and is only there if the package "
    f"visqol-python is installed. {UNQUANTISED}: the latent as it is."
)


def controls_section(bench: Bench) -> Section:
    """Density, brightness and drums turned by the player."""
    plan = bench.plan
    captions = bench.captions(plan.prompts)
    found: dict[str, Steering] = {}
    for way in (ARRANGER, FREE):
        free = way == FREE
        found[way] = judge_steering(
            bench.studio, captions, plan.sampling_of(free), free, plan.seconds, bench.listener
        )
    columns = list(found.values())
    score = found[ARRANGER].score
    assert score is not None, "the arranger writes a score"

    def levels(steered: Steered, form: str) -> str:
        return " / ".join(form.format(level) for level in steered.levels)

    def rows(name: str, steered: list[Steered], form: str) -> list[list[str]]:
        return [
            [
                f"{name} at {' / '.join(f'{level:g}' for level in LEVELS)}",
                *(levels(s, form) for s in steered),
            ],
            ["- rank correlation with what was asked", *(f"{s.correlation:.2f}" for s in steered)],
            ["- rising at every step (1 in 6 by chance)", *(str(s.rising) for s in steered)],
        ]

    lines = rows("density: onsets a second", [score, *(c.density for c in columns)], "{:.1f}")
    lines += [
        [row[0], "-", *row[1:]]
        for row in rows("brightness: centroid in Hz", [c.brightness for c in columns], "{:.0f}")
    ]
    lines.append(["drums turned on: heard", "-", *(str(c.drums_on) for c in columns)])
    lines.append(["drums turned off: none heard", "-", *(str(c.drums_off) for c in columns)])
    text = (
        f"{len(captions)} held-out prompts, each played with every control at every level, "
        f"{plan.seconds:g} s after {LEAD:g} s of intro.\n\n"
        + markdown_table(["", "score (ceiling)", ARRANGER, FREE], lines)
    )
    off = found[ARRANGER].drums_off
    aims = [Aim("arranger: drums turned off are off in 95 %", str(off), off.value >= 0.95)]
    for name in ("density", "brightness"):
        rising = getattr(found[ARRANGER], name).rising
        aims.append(
            Aim(
                f"arranger: {name} rises as asked, more often than by chance", str(rising), rising.low > 1 / 6
            )
        )
    return Section("Controls", text, {"controls": found}, aims)


def changes_section(bench: Bench) -> Section:
    """How soon a change of tempo, chord, prompt or held notes is heard."""
    plan, codec, ears = bench.plan, bench.codec, bench.listener.moments
    captions = bench.captions(plan.prompts)
    settings = bench.settings[: 2 * plan.prompts]
    columns: dict[str, dict[str, Promptness]] = {}
    for name, count in (("original, spliced", None), ("codec, spliced (ceiling)", bench.num_codebooks)):
        columns[name] = judge_changes(spliced_cases(settings, codec, count), codec, ears, name)
    changed, unchanged = live_cases(bench.studio, captions, plan.sampling, plan.seed)
    columns[ARRANGER] = judge_changes(changed, codec, ears, ARRANGER)
    columns["unchanged (floor)"] = judge_changes(unchanged, codec, ears, "unchanged")
    floor, model = columns["unchanged (floor)"], columns[ARRANGER]
    lines = []
    for kind in KINDS:
        those = [column.get(kind) for column in columns.values()]
        lines.append(
            [f"{kind}: heard within a bar", *("-" if p is None else str(p.within_a_bar) for p in those)]
        )
        lines.append(
            ["- seconds until heard: half / 90 %", *("-" if p is None else _seconds(p) for p in those)]
        )
    text = (
        f"{len(captions)} streams; on a bar line something is asked anew, and what is heard is held against "
        f"the new and the old score (style: against both styles) from moment to moment. Not heard in "
        f"{changes.AFTER:g} s is infinite.\n\n" + markdown_table(["", *columns], lines)
    )
    aims = [
        Aim(
            f"a change of {kind} is measurable within a bar: more often than where nothing changed",
            f"{model[kind].within_a_bar}, unchanged {floor[kind].within_a_bar}",
            model[kind].within_a_bar.low > floor[kind].within_a_bar.high,
        )
        for kind in KINDS
    ]
    return Section("Changes in mid-stream", text, {"changes": columns}, aims)


def _seconds(promptness: Promptness) -> str:
    return f"{promptness.median:.1f} / {promptness.slow:.1f}".replace("inf", "never")


def long_section(bench: Bench) -> Section:
    """Later minutes of long streams against their first."""
    plan = bench.plan
    streams = [
        Stream.of(bench.studio, caption, style, plan.seed + index)
        for index, (caption, style) in enumerate(bench.captions(plan.streams))
    ]
    wanted = sorted({1, *plan.long_minutes})
    minutes = play_streams(bench.studio, streams, plan.sampling, wanted[-1], wanted)
    found = judge_streams(minutes, streams, bench.held_out_patches, bench.listener, bench.codec, plan.seed)
    later = [minute for minute in found.minutes if minute.number > 1]
    aims = [
        Aim(
            f"minute {minute.number}: Frechet distance at most 1.25 times minute 1's",
            f"{minute.ratio:.2f} ({minute.ratio_low:.2f}-{minute.ratio_high:.2f})",
            minute.ratio <= 1.25,
        )
        for minute in later
    ]
    aims.append(Aim("streams never silent", f"{found.fell_silent} fell silent", not found.fell_silent.hits))
    aims.append(Aim("streams never stuck on a loop", f"{found.stuck} are", not found.stuck.hits))
    prompts = "; ".join(f"{stream.style} ({stream.bpm:g} BPM)" for stream in streams)
    text = (
        f"{found.streams} streams of {found.last} minutes: {prompts}.\n\n{long_table(found)}\n\n{LONG_NOTES}"
    )
    return Section("Long streams", text, {"long": found}, aims)


LONG_NOTES = """\
- Frechet distance of log-mel patches to held-out music; the ratio's interval is from drawing streams anew. \
Begun afresh the model has no past, as in minute 1: what differs then is what the score of that minute asks.
- repeats: over all periods from 0.2 to 30 s the largest share of codes that return although the score, so \
long ago, was another; in sound the correlation of the spectrum. 1 is a loop."""


def long_table(found: LongFigures) -> str:
    """The minutes side by side."""

    def row(title: str, form: str, name: str) -> list[str]:
        return [title, *(form.format(getattr(minute, name)) for minute in found.minutes)]

    def ratio(minute: MinuteFigures) -> str:
        return f"{minute.ratio:.2f} ({minute.ratio_low:.2f}-{minute.ratio_high:.2f})"

    lines = [
        row("Frechet distance to held-out music", "{:.0f}", "frechet"),
        ["- times minute 1's", *(ratio(minute) for minute in found.minutes)],
        row("- of the same minute begun afresh", "{:.0f}", "afresh"),
        row("level, dB", "{:.1f}", "level"),
        row("- largest change of a stream, dB", "{:.1f}", "level_change"),
        row("silent seconds", "{}", "silent"),
        row("change of the mean spectrum, dB", "{:.1f}", "spectrum_change"),
        row("spectral centroid, Hz", "{:.0f}", "centroid"),
        row("tempo right, octaves forgiven", "{}", "tempo"),
        row("beat confidence", "{:.2f}", "confidence"),
        row("chroma cosine to the asked notes", "{:.2f}", "chroma"),
        row("asked notes heard to begin", "{}", "notes"),
        row("onsets heard, of those asked", "{:.2f}", "onsets"),
        row("repeats in sound, worst stream", "{:.2f}", "likeness"),
    ]
    table = markdown_table(["", *(f"minute {minute.number}" for minute in found.minutes)], lines)
    return (
        f"{table}\n\nOver all {found.last} minutes: fell silent for 2 s: {found.fell_silent}; "
        f"stuck: {found.stuck}; "
        f"repeats in codes, worst stream and minute: {found.repeats:.2f}."
    )


def prompts_section(bench: Bench) -> Section:
    """Natural prompts: read by the arranger, some of them played and listened to."""
    plan = bench.plan
    readings = natural_prompts.read_all(bench.studio, plan.seed)
    understood = natural_prompts.Understood.of(readings)
    # Evenly over the list, which goes by styles.
    count = min(plan.heard, len(readings))
    some = [readings[index * len(readings) // count] for index in range(count)]
    heard = {
        way: natural_prompts.hear_some(
            bench.studio,
            some,
            plan.seed,
            plan.seconds,
            plan.sampling_of(way == FREE),
            way == FREE,
            bench.listener,
        )
        for way in (ARRANGER, FREE)
    }
    lines = [
        ["arranger's style is one of those expected", str(understood.style)],
        ["tempo in the expected range", str(understood.tempo)],
        ["- octaves forgiven", str(understood.tempo_octaves)],
        ["all wanted instruments play, where some are wanted", str(understood.wanted)],
        ["no unwanted instrument plays, where some are unwanted", str(understood.unwanted)],
    ]
    for way, sounding in heard.items():
        lines.append([f"{way}: style heard is one of those expected", str(sounding.expected)])
        if way == ARRANGER:
            lines.append([f"{way}: style heard is the arranger's own", str(sounding.arranged)])
    missed = [
        f"- {reading.prompt.prompt!r}: {reading.style}, expected {' or '.join(reading.prompt.styles)}"
        for reading in readings
        if not reading.style_right
    ]
    worst = ", ".join(
        f"{style} {share.hits}/{share.total}"
        for style, share in understood.by_style.items()
        if share.hits < share.total
    )
    text = (
        f"{len(readings)} held-out prompts as people write them; {count} of them played.\n\n"
        f"{markdown_table(['', 'share'], lines)}\n\nStyles with misses: {worst or 'none'}."
    )
    figures = {"understood": understood, "heard": heard, "misread": missed}
    aim = Aim("natural prompts: style right in 70 %", str(understood.style), understood.style.value >= 0.7)
    return Section("Natural prompts", text, {"prompts": figures}, [aim])
