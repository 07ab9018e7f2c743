"""What people call each style, how it feels, what it is for and when it is from: words for captions.

None of them states a fact that a piece of the style might lack, such as an instrument or a drum beat.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StyleWords:
    """Names, moods, uses and times of a style, each at least one."""

    names: tuple[str, ...]
    moods: tuple[str, ...]
    uses: tuple[str, ...]
    eras: tuple[str, ...]


def _words(names: str, moods: str, uses: str, eras: str) -> StyleWords:
    def listed(text: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in text.split(","))

    return StyleWords(listed(names), listed(moods), listed(uses), listed(eras))


STYLE_WORDS: dict[str, StyleWords] = {
    "lofi": _words(
        "lofi, lofi hip hop, lo-fi, chillhop, lofi chill",
        "mellow, relaxed, warm, dusty, sleepy, cosy, rainy, calm, nostalgic",
        "studying, a rainy evening, late nights, focus, relaxing",
        "modern, 2010s, 2020s",
    ),
    "hip hop": _words(
        "hip hop, boom bap, old school hip hop, rap beat, hip-hop",
        "gritty, heavy, streetwise, laid-back, smoky, confident",
        "rapping over, a freestyle, the streets, a head-nodding mood",
        "nineties, 90s, golden age",
    ),
    "funk": _words(
        "funk, funky groove, seventies funk, funk jam",
        "groovy, sweaty, playful, tight, punchy, cheerful",
        "dancing, a street party, a cooking show, a chase scene",
        "seventies, 70s, old school",
    ),
    "disco": _words(
        "disco, nu disco, seventies disco, dance floor disco",
        "joyful, glittering, glamorous, happy, uplifting, sparkling",
        "the dance floor, a party, roller skating, celebrating",
        "seventies, 70s, retro",
    ),
    "rock": _words(
        "rock, indie rock, alternative rock",
        "energetic, raw, anthemic, loud, driving, powerful",
        "a stadium, a road trip, a sports clip, a workout",
        "classic, nineties, modern",
    ),
    "metal": _words(
        "metal, heavy metal, thrash metal, hard and heavy metal",
        "aggressive, brutal, dark, angry, furious, intense",
        "a battle, head banging, an action game, lifting weights",
        "eighties, modern, old school",
    ),
    "house": _words(
        "house, house music, deep house, club house, dance music",
        "warm, uplifting, sunny, groovy, soulful, feel-good",
        "the club, dancing all night, a beach party, a fashion show",
        "nineties, modern, classic",
    ),
    "techno": _words(
        "techno, warehouse techno, minimal techno, hard techno, club techno",
        "dark, hypnotic, cold, mechanical, relentless, industrial",
        "a warehouse rave, a night club, running, a machine at work",
        "nineties, Berlin, modern",
    ),
    "dub techno": _words(
        "dub techno, deep techno, ambient techno, dub house",
        "foggy, spacious, hypnotic, deep, hazy, submerged",
        "late at night, a long train ride, coding, drifting off",
        "nineties, Berlin, modern",
    ),
    "trance": _words(
        "trance, uplifting trance, progressive trance, euphoric trance",
        "euphoric, soaring, uplifting, dreamy, emotional, shimmering",
        "a festival at sunrise, a big room, running, flying",
        "nineties, 2000s, classic",
    ),
    "drum and bass": _words(
        "drum and bass, dnb, jungle, liquid drum and bass, drum & bass",
        "urgent, racing, energetic, restless, atmospheric, frantic",
        "a night drive through the city, a racing game, a rave, skating",
        "nineties, 90s, modern",
    ),
    "trap": _words(
        "trap, trap beat, dark trap, hard trap",
        "menacing, heavy, dark, hard, cold, brooding",
        "rapping over, a villain's entrance, a car with big speakers, the gym",
        "modern, 2010s, southern",
    ),
    "synthwave": _words(
        "synthwave, retrowave, outrun, eighties synth music, synth pop",
        "nostalgic, neon, retro, dreamy, cool, cinematic",
        "a night drive, a retro game, an eighties film, neon streets",
        "eighties, 80s, retro",
    ),
    "ambient": _words(
        "ambient, ambient music, ambient drone, soundscape, atmospheric music",
        "calm, floating, weightless, still, spacious, peaceful, dreamy",
        "meditation, sleep, floating in space, yoga, deep rest",
        "timeless, modern, seventies",
    ),
    "jazz": _words(
        "jazz, swing jazz, bebop, jazz combo, straight-ahead jazz",
        "smoky, swinging, lively, cool, sophisticated, playful",
        "a night club, a cocktail bar, a black and white film, a late dinner",
        "fifties, sixties, classic",
    ),
    "bossa nova": _words(
        "bossa nova, bossa, Brazilian jazz, Brazilian bossa nova",
        "gentle, breezy, sunny, romantic, soft, relaxed",
        "a beach at sunset, a café, a summer afternoon, cooking",
        "sixties, classic, Rio",
    ),
    "waltz": _words(
        "waltz, ballroom waltz, Viennese waltz, classical waltz",
        "elegant, graceful, romantic, whirling, charming, courtly",
        "a ballroom, a wedding, a period film, dancing in pairs",
        "nineteenth century, old-time, classical",
    ),
    "reggae": _words(
        "reggae, roots reggae, dub reggae, Jamaican reggae",
        "sunny, laid-back, easy-going, warm, positive, swaying",
        "the beach, a summer day, a barbecue, a boat trip",
        "seventies, roots, classic",
    ),
    "folk": _words(
        "folk, acoustic folk, indie folk, folk song, celtic folk",
        "warm, gentle, honest, rustic, hopeful, homely",
        "a campfire, a walk in the country, a travel film, a quiet porch",
        "sixties, traditional, modern",
    ),
    "blues": _words(
        "blues, twelve bar blues, Chicago blues, shuffle blues, delta blues",
        "gritty, soulful, sad, smoky, earthy, weary",
        "a bar at night, a lonely road, a whisky, a juke joint",
        "fifties, old, classic",
    ),
    "soul": _words(
        "soul, neo soul, r&b, rhythm and blues, soul ballad",
        "soulful, smooth, warm, tender, sensual, heartfelt",
        "a slow dance, a date, a lazy Sunday, a candlelit room",
        "sixties, seventies, modern",
    ),
    "salsa": _words(
        "salsa, latin dance music, Cuban salsa, son, latin",
        "hot, fiery, festive, lively, passionate, cheerful",
        "dancing, a street festival, a summer night, carnival",
        "seventies, classic, New York",
    ),
    "afrobeat": _words(
        "afrobeat, afrobeats, West African groove, highlife",
        "joyful, lively, sunny, rolling, colourful, festive",
        "dancing, a street market, a summer festival, a parade",
        "seventies, modern, Lagos",
    ),
    "ballad": _words(
        "ballad, slow ballad, love song, sentimental ballad, slow song",
        "tender, sad, intimate, emotional, romantic, melancholic, wistful",
        "a film's quiet scene, a slow dance, a farewell, a wedding, remembering",
        "timeless, eighties, modern",
    ),
    "chamber strings": _words(
        "classical music, chamber music, classical piece, chamber strings, baroque music",
        "elegant, clear, lively, graceful, refined, noble, poised",
        "a concert hall, a museum, a period film, quiet reading, a banquet",
        "eighteenth century, classical, old",
    ),
    "music box": _words(
        "music box, lullaby, music box lullaby, fairy tale music, nursery tune",
        "delicate, innocent, childlike, sweet, magical, dreamy",
        "bedtime, a fairy tale, a baby's sleep, a snow globe, Christmas",
        "old, timeless, Victorian",
    ),
}
"""By the name of the style in `music.styles.STYLES`."""
