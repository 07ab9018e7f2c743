"""What people call each style, its moods, uses, times and places: words for captions.

None of them states a fact that a piece of the style might lack, such as an instrument or a drum beat. The
phrases by which people ask for a style, which may, are in `style_prompts`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StyleWords:
    """Names, moods, uses, times and places of a style, each several.

    Attributes:
        names: nouns: "deep house".
        moods: adjectives.
        uses: what follows "for": "a chase scene", "studying".
        eras: adjectives of time or origin: "seventies".
        places: what follows "in": "a smoky club".
    """

    names: tuple[str, ...]
    moods: tuple[str, ...]
    uses: tuple[str, ...]
    eras: tuple[str, ...]
    places: tuple[str, ...]


def _words(names: str, moods: str, uses: str, eras: str, places: str) -> StyleWords:
    def listed(text: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in text.split(","))

    return StyleWords(listed(names), listed(moods), listed(uses), listed(eras), listed(places))


STYLE_WORDS: dict[str, StyleWords] = {
    "lofi": _words(
        "lofi, lofi hip hop, lo-fi, chillhop, lofi chill",
        "mellow, relaxed, warm, dusty, sleepy, cosy, rainy, calm, nostalgic, lazy, chilled, hazy, unhurried",
        "studying, a rainy evening, late nights, focus, relaxing, homework, reading, a slow morning, coding",
        "modern, 2010s, 2020s",
        "a coffee shop, a bedroom at night, a small flat in the city, a library, a bus in the rain",
    ),
    "hip hop": _words(
        "hip hop, boom bap, old school hip hop, rap beat, hip-hop",
        "gritty, heavy, streetwise, laid-back, smoky, confident, head-nodding, rough, cool, swaggering",
        "rapping over, a freestyle, the streets, a head-nodding mood, a rap battle, a basketball clip, "
        "a mixtape",
        "nineties, 90s, golden age, old school",
        "a block party, a New York street, a basement studio, a subway car, a city playground",
    ),
    "funk": _words(
        "funk, funky groove, seventies funk, funk jam",
        "groovy, sweaty, playful, tight, punchy, cheerful, strutting, cheeky, sassy, greasy, bouncy",
        "dancing, a street party, a cooking show, a chase scene, a heist scene, a detective series, a comedy",
        "seventies, 70s, old school",
        "a packed club, a street corner, a backyard party, a rehearsal room, a small stage",
    ),
    "disco": _words(
        "disco, nu disco, seventies disco, dance floor disco",
        "joyful, glittering, glamorous, happy, uplifting, sparkling, carefree, festive, stylish, radiant",
        "the dance floor, a party, roller skating, celebrating, a wedding party, a dance contest, "
        "New Year's Eve",
        "seventies, 70s, retro, 1978",
        "a discotheque, a roller rink, a ballroom with a mirror ball, a New York night club, a cruise ship",
    ),
    "rock": _words(
        "rock, indie rock, alternative rock, guitar rock",
        "energetic, raw, anthemic, loud, driving, powerful, rebellious, gutsy, triumphant, youthful",
        "a stadium, a road trip, a sports clip, a workout, a skateboard video, a car advert, "
        "a high school film",
        "classic, nineties, modern, seventies",
        "a stadium, a garage, an open highway, a festival field, a sweaty club",
    ),
    "metal": _words(
        "metal, heavy metal, thrash metal, hard and heavy metal",
        "aggressive, brutal, dark, angry, furious, intense, savage, merciless, thunderous, violent",
        "a battle, head banging, an action game, lifting weights, a boss fight, a horde attacking, "
        "a monster truck show",
        "eighties, modern, old school",
        "a mosh pit, hell, a burning fortress, a dark arena, a battlefield",
    ),
    "house": _words(
        "house, house music, deep house, club house, dance music",
        "warm, uplifting, sunny, groovy, soulful, feel-good, bouncy, smooth, stylish, bright",
        "the club, dancing all night, a beach party, a fashion show, a summer DJ set, a pool party, "
        "a boutique",
        "nineties, modern, classic, Chicago",
        "a rooftop bar, a beach club, a night club, Ibiza, a terrace in summer",
    ),
    "techno": _words(
        "techno, warehouse techno, minimal techno, hard techno, club techno",
        "dark, hypnotic, cold, mechanical, relentless, industrial, pounding, stark, driving, robotic",
        "a warehouse rave, a night club, running, a machine at work, a hacking scene, "
        "a strobe-lit night, a fast edit",
        "nineties, Berlin, modern, Detroit",
        "a warehouse, a bunker, a factory, a concrete basement, a tunnel under the city",
    ),
    "dub techno": _words(
        "dub techno, deep techno, ambient techno, dub house",
        "foggy, spacious, hypnotic, deep, hazy, submerged, echoing, endless, murky, misty",
        "late at night, a long train ride, coding, drifting off, a walk in the fog, an empty city, "
        "deep concentration",
        "nineties, Berlin, modern",
        "a harbour in the fog, an empty underground station, the deep sea, a misty city, an after-hours room",
    ),
    "trance": _words(
        "trance, uplifting trance, progressive trance, euphoric trance",
        "euphoric, soaring, uplifting, dreamy, emotional, shimmering, ecstatic, radiant, exhilarating, epic",
        "a festival at sunrise, a big room, running, flying, fireworks, a spinning class, a laser show",
        "nineties, 2000s, classic",
        "an arena full of lasers, a festival main stage, a superclub, the sky, a beach at dawn",
    ),
    "drum and bass": _words(
        "drum and bass, dnb, jungle, liquid drum and bass, drum & bass",
        "urgent, racing, energetic, restless, atmospheric, frantic, rushing, breathless, hyperactive, agile",
        "a night drive through the city, a racing game, a rave, skating, a motorbike chase, parkour, "
        "an extreme sports video",
        "nineties, 90s, modern, London",
        "a London rave, a speeding train, a futuristic city, a race track, a crowded cellar",
    ),
    "trap": _words(
        "trap, trap beat, dark trap, hard trap",
        "menacing, heavy, dark, hard, cold, brooding, sinister, ruthless, icy, boastful",
        "rapping over, a villain's entrance, a car with big speakers, the gym, a gangster film, "
        "drifting, showing off",
        "modern, 2010s, southern",
        "Atlanta, a strip club, a dark alley, a car with tinted windows, a studio at night",
    ),
    "synthwave": _words(
        "synthwave, retrowave, outrun, eighties synth music, synth pop",
        "nostalgic, neon, retro, dreamy, cool, cinematic, futuristic, glowing, wistful, electric",
        "a night drive, a retro game, an eighties film, neon streets, an arcade, "
        "a science fiction scene, a training montage",
        "eighties, 80s, retro, 1984",
        "Miami at night, an arcade, a neon city, a coastal highway at dusk, a cyberpunk street",
    ),
    "ambient": _words(
        "ambient, ambient music, ambient drone, soundscape, atmospheric music",
        "calm, floating, weightless, still, spacious, peaceful, dreamy, vast, serene, mysterious, tranquil",
        "meditation, sleep, floating in space, yoga, deep rest, breathing, a spa, a nature film, "
        "healing, slow motion",
        "timeless, modern, seventies",
        "outer space, the deep sea, a frozen landscape, an empty desert, a cathedral, a misty forest",
    ),
    "jazz": _words(
        "jazz, swing jazz, bebop, jazz combo, straight-ahead jazz",
        "smoky, swinging, lively, cool, sophisticated, playful, improvised, witty, hip, urbane",
        "a night club, a cocktail bar, a black and white film, a late dinner, a detective story, a hotel bar",
        "fifties, sixties, classic, 1940s",
        "a smoky basement club, New Orleans, a Paris cellar, a hotel lobby, Harlem",
    ),
    "bossa nova": _words(
        "bossa nova, bossa, Brazilian jazz, Brazilian bossa nova",
        "gentle, breezy, sunny, romantic, soft, relaxed, light, charming, airy, carefree",
        "a beach at sunset, a summer afternoon, cooking, brunch, a lift, a holiday, a light romantic comedy",
        "sixties, classic, Rio",
        "a café by the sea, Rio de Janeiro, a hotel lounge, a terrace, a garden restaurant",
    ),
    "waltz": _words(
        "waltz, ballroom waltz, Viennese waltz, classical waltz",
        "elegant, graceful, romantic, whirling, charming, courtly, twirling, lilting, old-fashioned, gallant",
        "a ballroom, a wedding, a period film, dancing in pairs, a carousel, a first dance, ice skating",
        "nineteenth century, old-time, classical, imperial",
        "Vienna, a ballroom, a Paris square, a palace, a fairground",
    ),
    "reggae": _words(
        "reggae, roots reggae, dub reggae, Jamaican reggae",
        "sunny, laid-back, easy-going, warm, positive, swaying, carefree, peaceful, lazy, mellow",
        "the beach, a summer day, a barbecue, a boat trip, a hammock, a surf video, peace and love",
        "seventies, roots, classic",
        "Kingston, a beach bar, an island, a yard with a sound system, a sailing boat",
    ),
    "folk": _words(
        "folk, acoustic folk, indie folk, folk song, celtic folk",
        "warm, gentle, honest, rustic, hopeful, homely, earthy, simple, rural, heartfelt, rollicking",
        "a campfire, a walk in the country, a travel film, a quiet porch, a tavern, hiking, "
        "a farmers' market",
        "sixties, traditional, modern, medieval",
        "an Irish pub, the mountains, a village green, a country lane, a log cabin",
    ),
    "blues": _words(
        "blues, twelve bar blues, Chicago blues, shuffle blues, delta blues",
        "gritty, soulful, sad, smoky, earthy, weary, lonesome, down and out, rough, heartbroken",
        "a bar at night, a lonely road, a whisky, a juke joint, a broken heart, a prison film, a long drive",
        "fifties, old, classic, 1930s",
        "a road house, Mississippi, a bar in Chicago, a porch in the delta, a dusty highway",
    ),
    "soul": _words(
        "soul, neo soul, r&b, rhythm and blues, soul ballad",
        "soulful, smooth, warm, tender, sensual, heartfelt, loving, intimate, velvety, devoted",
        "a slow dance, a date, a lazy Sunday, a candlelit room, making love, a church service, a proposal",
        "sixties, seventies, modern, vintage",
        "a church, Memphis, Detroit, a candlelit bedroom, a late night radio show",
    ),
    "salsa": _words(
        "salsa, latin dance music, Cuban salsa, son, latin",
        "hot, fiery, festive, lively, passionate, cheerful, spicy, exuberant, flirtatious, brilliant",
        "dancing, a street festival, a summer night, carnival, a dance class, a Caribbean holiday, "
        "a Cuban bar",
        "seventies, classic, New York",
        "Havana, a dance hall, a Caribbean street, a Latin club, Cali",
    ),
    "afrobeat": _words(
        "afrobeat, afrobeats, West African groove, highlife",
        "joyful, lively, sunny, rolling, colourful, festive, circling, proud, infectious, communal",
        "dancing, a street market, a summer festival, a parade, a football celebration, a safari film, "
        "a long night",
        "seventies, modern, Lagos",
        "Lagos, Accra, a busy African market, an open-air stage, a crowded bar in West Africa",
    ),
    "ballad": _words(
        "ballad, slow ballad, love song, sentimental ballad, slow song",
        "tender, sad, intimate, emotional, romantic, melancholic, wistful, tearful, fragile, "
        "bittersweet, lonely",
        "a film's quiet scene, a slow dance, a farewell, a wedding, remembering, a break-up, a funeral, "
        "an ending",
        "timeless, eighties, modern",
        "an empty room, a rainy station, an empty theatre, a house full of memories, winter",
    ),
    "chamber strings": _words(
        "classical music, chamber music, classical piece, chamber strings, baroque music",
        "elegant, clear, lively, graceful, refined, noble, poised, formal, stately, dignified",
        "a concert hall, a museum, a period film, quiet reading, a banquet, a royal ceremony, a documentary",
        "eighteenth century, classical, old, baroque",
        "a palace, a concert hall, a drawing room, a royal court, a rose garden",
    ),
    "music box": _words(
        "music box, lullaby, music box lullaby, fairy tale music, nursery tune",
        "delicate, innocent, childlike, sweet, magical, dreamy, twinkling, tiny, fragile, enchanted",
        "bedtime, a fairy tale, a baby's sleep, a snow globe, Christmas, a puppet show, a doll's house",
        "old, timeless, Victorian",
        "a nursery, a toy shop, a snow globe, an enchanted forest, an attic",
    ),
}
"""By the name of the style in `music.styles.STYLES`."""
