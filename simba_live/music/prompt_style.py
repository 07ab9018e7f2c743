"""The style that a prompt names: "deep house", "bachata", "blues rock"; not "a haunted house"."""

from __future__ import annotations

import re

from simba_live.music.prompt_players import look_up, whole_words
from simba_live.music.styles import STYLES

# Moods, uses and places among the styles' other names: a sentence encoder weighs them better than a table.
_MOODS = frozenset({
    "calm", "heavy", "party", "relaxing", "sleep", "meditation", "bells", "toy", "emotional", "tender",
    "melancholy", "sentimental", "romantic", "acoustic", "club", "breaks", "groove", "groovy", "roots",
    "island", "christmas", "chill", "festival", "uplifting", "progressive", "minimal", "stadium", "70s",
    "80s", "seventies", "eighties", "kalimba", "celesta", "childlike", "orchestra", "cinematic",
    "atmospheric", "ethereal", "tropical", "tribal", "lounge", "country", "hardcore", "acid", "industrial",
    "carousel", "ballroom", "campfire", "delta", "african", "brazilian", "cuban", "jamaican", "latin",
    "808", "love song", "slow song", "sad piano", "dance music", "dark beat", "slap bass", "guitar band",
    "old school"
})  # fmt: skip
_GENRES: dict[str, tuple[str, ...]] = {
    "lofi": ("lofi hip hop", "lo-fi hip hop", "lo fi hip hop", "lofi beats", "jazzhop", "jazz hop"),
    "hip hop": ("boom-bap", "g-funk", "gangsta rap", "trip-hop", "turntablism", "rap instrumental"),
    "funk": ("boogaloo", "p funk", "jazz-funk", "jazz funk", "acid jazz", "funk rock", "go-go"),
    "disco": ("italo disco", "nu-disco", "city pop", "euro disco", "space disco"),
    "rock": (
        "rock and roll", "rock'n'roll", "rock n roll", "soft rock", "shoegaze", "pop punk", "pop-punk",
        "post-punk", "post punk", "post rock", "post-rock", "math rock", "britpop", "brit pop", "emo",
        "surf rock", "indie pop", "krautrock", "glam rock", "j-rock", "punk rock", "psychedelic rock",
        "prog rock",
    ),
    "metal": (
        "death metal", "black metal", "doom metal", "nu metal", "power metal", "folk metal",
        "symphonic metal", "metalcore", "deathcore", "grindcore", "screamo", "thrash metal",
        "industrial metal", "metal music",
    ),
    "house": (
        "electronic dance music", "tech house", "tech-house", "afro house", "acid house", "tropical house",
        "progressive house", "electro house", "dance pop", "2-step",
    ),
    "techno": ("gabber", "schranz", "ebm", "electro techno", "hardtek"),
    "dub techno": ("microhouse",),
    "trance": ("psytrance", "psy-trance", "psy trance", "goa", "hardstyle", "happy hardcore", "euro trance"),
    "drum and bass": (
        "drum'n bass", "drum 'n' bass", "drum n' bass", "neurofunk", "breakcore", "dubstep", "big beat",
        "jungle music", "liquid dnb", "uk bass", "breakbeats",
    ),
    "trap": ("phonk", "uk drill", "grime", "cloud rap", "mumble rap", "crunk", "trap metal", "trap soul"),
    "synthwave": (
        "darksynth", "darkwave", "coldwave", "chillwave", "electroclash", "italo", "8-bit", "8 bit",
        "16-bit", "cyberpunk", "electropop", "synth-pop", "new romantic",
    ),
    "ambient": ("dark ambient", "drone ambient", "newage", "sound bath"),
    "jazz": (
        "jazz waltz", "gypsy jazz", "dixieland", "ragtime", "hot club", "electro swing", "free jazz",
        "jazz fusion", "big-band", "be-bop",
    ),
    "bossa nova": ("bossanova", "mpb", "choro", "exotica", "elevator music", "lift music", "easy listening"),
    "waltz": ("musette", "polka", "mazurka", "circus music"),
    "reggae": ("rocksteady", "lovers rock", "calypso", "soca", "two-tone", "rub-a-dub", "dub reggae"),
    "folk": (
        "country", "country music", "americana", "sea shanties", "klezmer", "folk rock", "indie folk",
        "folk punk", "medieval music", "appalachian", "ceilidh", "hoedown", "alt-country", "country rock",
        "country pop",
    ),
    "blues": ("delta blues", "boogie-woogie", "boogie woogie", "rock 'n' roll", "zydeco"),
    "soul": (
        "doo-wop", "doo wop", "slow jam", "northern soul", "quiet storm", "new jack swing",
        "rhythm n blues",
    ),
    "salsa": (
        "bachata", "cumbia", "son cubano", "timba", "bolero", "cha-cha", "cha-cha-cha", "latin pop",
        "mariachi", "flamenco", "latin dance", "dembow", "norteño", "milonga", "latin music",
    ),
    "afrobeat": (
        "soukous", "amapiano", "kwaito", "gqom", "juju music", "ethio-jazz", "mbalax", "afropop", "makossa",
    ),
    "ballad": ("power ballad", "rock ballad", "nocturne", "torch song", "neoclassical piano", "ballade"),
    "chamber strings": (
        "fugue", "minuet", "concerto", "sonata", "opera", "string trio", "string orchestra", "film music",
        "classical music", "orchestral music", "epic orchestral",
    ),
    "music box": ("lullabies", "nursery rhyme", "fairytale music", "music-box", "cradle song"),
}  # fmt: skip
"""Kinds of music that have no style of their own here, or would mislead word by word, by what is nearest."""

_KIN: dict[str, str] = {genre: name for name, genres in _GENRES.items() for genre in genres}
_NAMES: dict[str, str] = {
    **{word: style.name for style in STYLES.values() for word in style.words if word not in _MOODS},
    **{name: name for name in STYLES},
    **_KIN,
}
_PATTERN = whole_words(list(_NAMES))
_PHRASE_ENDS = re.compile(r"[,.;:!?]|\b(?:with|for|in|at|like|by|from|over|without|featuring|inspired|but)\b")

_OTHER_MEANINGS: dict[str, tuple[str, str]] = {
    "house": (
        "haunted|empty|old|tree|light|farm|coffee|tea|opera|steak|country|doll|dolls|beach|summer|abandoned|my|our"
        "|your|the|burning|gingerbread|childhood|dark|big|little",
        "on|in|by|of|cat|plant|plants|warming|keeping|hunting|call|cleaning|where|that|is|was",
    ),
    "rock": (
        "on the|the|solid|bed|moon|into",
        "the|my|a|our|her|his|me|you|it|bottom|pool|climbing|formation",
    ),
    "soul": ("my|your|his|her|lost|poor|tortured|the|every|weary", "searching|search|mate|mates|crushing"),
    "metal": (
        "sheet|molten|precious|rusty|grinding|of|on",
        "sea|door|bar|bars|gate|gates|on|sheet|pipe|detector",
    ),
    "trap": ("mouse|bear|booby|tourist|the|into a|in a", "door"),
    "jungle": ("the|deep|urban|concrete", "gym|book|cat|animals|adventure"),
    "swing": ("on a|on the|a|porch|garden|mood", "set|by"),
    "drone": ("a|my|the", "shot|shots|footage|video|view|flight|racing|race"),
    "garage": ("my|the|our|dad's", "door|sale"),
    "folk": ("old|young|simple|town", "who|that|are"),
    "drill": ("fire|military|power", "sergeant|bit"),
    "trance": ("in a|into a", "like"),
    "acid": ("battery", "rain"),
    "liquid": ("a", "gold|metal|light|nitrogen"),
    "alternative": ("an", "to|ending|world"),
    "shuffle": ("card", "the|my|through"),
    "country": ("my|the|another|old", "walk|lane|house|road|roads|garden"),
    "chamber": ("torture|burial|secret|the", "of"),
    "classical": ("", "guitar|guitars"),
    "western": ("spaghetti", ""),
    "punk": ("steam", ""),
    "rave": ("", "review|reviews"),
    "8 bit": ("", "of"),
}
"""Names that mean something else behind one of these words, or before one of those."""

_MUSIC = (
    "music|track|tune|song|beat|beats|groove|mix|anthem|ballad|band|bass|classic|banger|rhythm|sound|style|vibe"
    "|instrumental|piece|jam|guitar|riff|club|set|loop|era|dance"
)


def _other_meaning(name: str, before: str, after: str) -> str:
    options = []
    if before:
        options.append(rf"\b(?:{before})[\s-]*\b{name}s?\b(?!\s+(?:{_MUSIC})\b)")
    if after:
        options.append(rf"\b{name}s?[\s-]+(?:{after})\b")
    return "|".join(options)


_FALSE_FRIENDS = re.compile("|".join(_other_meaning(name, *words) for name, words in _OTHER_MEANINGS.items()))


def _blank_false_friends(lower: str) -> str:
    """The text with names that mean something else made unreadable, every other letter where it was."""
    return _FALSE_FRIENDS.sub(lambda match: "~" * len(match.group()), lower)


def find_named_style(lower: str) -> tuple[str | None, tuple[int, int] | None]:
    """The style in the first phrase that names one; of several there, the last: "blues rock" is rock."""
    lower = _blank_false_friends(lower)
    start = 0
    for end in [match.start() for match in _PHRASE_ENDS.finditer(lower)] + [len(lower)]:
        matches = list(_PATTERN.finditer(lower, start, end))
        # A style's own name counts before a word that only suggests it.
        named = [match for match in matches if match.group(1) in STYLES or match.group(1) in _KIN]
        if matches:
            chosen = (named or matches)[-1]
            return look_up(chosen.group(1), _NAMES), chosen.span()
        start = end
    return None, None


def all_named_styles(lower: str) -> tuple[str, ...]:
    """Every style that a lower-case text names."""
    return tuple(dict.fromkeys(look_up(match.group(1), _NAMES) for match in _PATTERN.finditer(lower)))
