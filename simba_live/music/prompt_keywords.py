"""Words that point to a style without naming it: kin of it, places, people, things, gear, dances, drinks.

A word may stand with several styles, and then says less for each.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TEXTS: dict[str, str] = {
    "lofi": """
        study, studying, homework, revise, revision, exams, essay, thesis, reading, books, library,
        bookshop, desk, laptop, coding, programming, focus, concentrate, concentration, productivity,
        coffee, tea, matcha, latte, cafe, cozy, cosy, comfy, blanket, pyjamas, candle, rain, rainy, drizzle,
        window, cat, kitten, plants, balcony, chill, chilled, chilling, chillout, chillwave, chill-hop,
        chillstep, mellow, lazy, sleepy, drowsy, dusty, crackle, vinyl, hiss, tape, cassette, warped,
        wobbly, detuned, loop, beats, beat tape, jazzhop, bedroom pop, livestream, vlog, anime, tokyo,
        kyoto, ramen, slice of life, journaling, doodling, sketching, knitting, unwind, sunday, evening,
        homey, background, unobtrusive, slow morning, commute, houseplants, nostalgic beat, soft beat,
        downtempo, sidechained chords, rhodes loop, jazzy chords""",
    "hip hop": """
        rapper, rapping, rap, emcee, mc, rhymes, bars, verses, flow, cypher, freestyle, battle rap, boombox,
        ghetto blaster, graffiti, tagging, breakdance, b-boy, b-girl, breakdancing, popping and locking,
        turntable, turntablism, scratching, scratches, sampler, sp-1200, mpc, chopped sample, crate digging,
        break, breakbeat loop, head nod, head-nodding, bronx, brooklyn, queens, harlem rap, compton,
        oakland, west coast, east coast, g-funk, lowrider, conscious rap, gangsta, jazz rap, trip hop,
        trip-hop, old school rap, hood, block, corner, hustle, hustler, streetball, basketball, sneakers,
        hoodie, beanie, subway, skate, mixtape, microphone, swagger, street, streetwise, urban, golden era,
        boom-bap, dusty drums, crew, beatbox, spoken word, abstract hip hop""",
    "funk": """
        funky, funkadelic, groove, groovy, grooves, groovin, wah, wah-wah, wah wah, slap, slapping, slap
        bass, clavinet, clav, syncopated, syncopation, on the one, horn stabs, horn section, tight horns,
        talkbox, afro, bell-bottoms, flares, platform shoes, strut, strutting, sassy, sweaty, greasy, stank,
        nasty, dirty bass line, p-funk, g-funk bass, blaxploitation, cop show, detective show, car chase,
        cadillac, pimp, heist, caper, hustlers 1975, cooking show, game show, talk show, quirky, comedy, jam
        band, vamp, acid jazz, jazz-funk, jazz funk, fusion groove, boogaloo, second line, new orleans funk,
        brass funk, rhythm guitar, chicken scratch, get down, get up, dance machine, soul train, funk rock,
        go-go, minneapolis sound, bass player, bassline groove, hot sauce, barbershop, street party,
        cook-out, playful bass""",
    "disco": """
        disco ball, mirror ball, mirrorball, glitter, glittery, sequins, sparkle, sparkling, glam, glamour,
        glamorous, fabulous, camp, kitsch, drag queen, pride, roller disco, roller skates, rollerskating,
        skates, platform boots, white suit, studio 54, saturday night, dancing queen, dance floor,
        dancefloor, boogie, boogie nights, hustle dance, italo disco, italo-disco, nu-disco, euro disco,
        space disco, post-disco, eurovision, schlager, city pop, k-pop, kpop, j-pop, dance pop, dance-pop,
        pop, party, partying, birthday, hen night, bachelorette, wedding disco, conga line, celebration,
        celebrate, cheesy, confetti, champagne, new year's eve, cruise ship, karaoke, aerobics, leotard,
        fun, funfair party, joyful, happy dance, feel-good, feelgood, sing along, singalong, claps, octave
        bass, string runs, 1976, 1977, 1978, 1979, late seventies, seventies dance, diva, i will survive""",
    "rock": """
        guitars, electric guitars, guitar solo, power chords, power chord, riff, riffs, amp, amps, feedback,
        distortion, crunch, crunchy, overdriven, fuzz, garage, garage band, stadium, arena, anthem,
        anthemic, festival crowd, crowd surfing, punk, punk rock, pop-punk, post-punk, skate punk, grunge,
        britpop, brit pop, indie, shoegaze, dream pop, emo, math rock, post rock, prog, progressive rock,
        psychedelic rock, psychedelic, glam rock, hair band, southern rock, surf, surf rock, krautrock,
        stoner rock, arena rock, alternative, college radio, noise rock, riot grrrl, visual kei, j-rock,
        rebel, rebellion, rebellious, teenage, leather jacket, denim, motorcycle, truck, dirt bikes,
        skateboard, skateboarding, bmx, football, soccer, hockey, sports, champions, underdogs, victory,
        team, highlight reel, road trip, highway, mustang, muscle car, energy drink, adrenaline, roadie,
        loud, raw, raucous, gritty guitar, high school, locker room, wrestling, nascar, super bowl,
        woodstock""",
    "metal": """
        headbang, headbanging, mosh, mosh pit, moshing, pit, riffage, shred, shredding, chug, chugging,
        chugs, djent, breakdown, growl, growls, screaming, scream, screamo, blast beat, blastbeats, double
        bass drum, double kick, palm-muted, palm muted, drop tuned, drop d, down-tuned, downtuned,
        seven-string, thrash, doom metal, sludge, grindcore, deathcore, metalcore, nu metal, power metal,
        folk metal, symphonic metal, black metal, death metal, goth metal, industrial metal, hardcore punk,
        demon, demons, demonic, devil, hell, hellish, satan, satanic, evil, inferno, blood, gore, slaughter,
        carnage, massacre, brutal, brutality, savage, vicious, furious, fury, rage, raging, anger, angry,
        hate, hatred, violence, violent, aggressive, aggression, merciless, crushing, destroy, destruction,
        apocalypse, armageddon, orc, orcs, viking, vikings, berserker, valhalla, warriors, war, warhammer,
        boss fight, boss battle, final boss, slayer, chainsaw, skull, skulls, demolition, deadlift,
        powerlifting, heavy weights, monster truck, heavy guitars, heaviest, extreme""",
    "house": """
        club, clubbing, clubby, dj set, dj, dancefloor kick, four-to-the-floor, four to the floor, 4x4,
        ibiza, mykonos, pool party, poolside, rooftop, terrace party, beach club, yacht, boat party, day
        party, sunset dj, runway, catwalk, fashion, fashion show, boutique, chic, stylish, trendy, hotel bar
        dj, afterwork, chicago 1987, paradise garage, new york garage, uk garage, 2-step, speed garage,
        bassline house, tech house, tech-house, afro house, tropical house, slap house, future house,
        electro house, acid house, piano house, jackin, m1, organ bass, piano stabs, filtered, filter sweep,
        vocal chop, vocal chops, shuffle dance, shuffling, groovy kick, soulful vocal, deep groove, edm,
        electronic dance, dance track, dance music, electro, electropop, remix, corporate, startup, tech
        startup, promo video, product video, upbeat corporate, app advert, commercial, lifestyle, summer,
        summery, sunny dance, influencer, cocktails with a dj, lounge dj, hands up piano""",
    "techno": """
        berghain, tresor, berlin, detroit, warehouse, bunker, basement, factory, concrete, industrial
        estate, strobe, strobes, strobe light, rave, raver, raving, ravers, acid, acid line, 303, tb-303,
        909, kick drum, four hour set, pounding, pummeling, stomping, relentless, merciless kick,
        mechanical, machine, machines, robotic, robot, robots, android, cyborg, automaton, assembly line,
        conveyor belt, steel, brutalist, dystopia, dystopian, hypnotic, repetitive, repetition, monotone,
        monotonous, minimal, bleeps, clicks, sequencer, sequence, modular, eurorack, drone and kick, ebm,
        electronic body music, industrial, gabber, hardcore kick, hard dance, schranz, hardgroove, idm,
        glitch, peak time, peak-time, afterhours, k-hole, black clothes, leather and sweat, hacker, hacking,
        hackers, mainframe, matrix, cyber, surveillance, server room, treadmill, running, runner, jogging,
        interval training, cold, clinical, sterile, dark electronic, pulse, pulsing, tension, countdown,
        ticking""",
    "dub techno": """
        dub chords, chord stab, chord stabs, echo, echoes, echoing, delay, delays, tape delay, space echo,
        reverb, reverberating, reverberant, submerged, underwater, aquatic, submarine, sonar, deep sea,
        ocean floor, atlantic, fog, foggy, mist, misty, murky, haze, hazy, blur, blurred, blurry, muffled,
        muted kick, heartbeat kick, soft kick, subtle pulse, static, hiss and chords, harbour, port, docks,
        lighthouse, night train, train journey, tunnel echo, underground station, tram, empty city, deserted
        streets, 4am, before dawn, grey, drizzle at night, basic channel, chain of echoes, deep, deepness,
        deep minimal, spacious, endless, infinite, drifting beat, slow-moving, barely moving, microhouse,
        minimal dub, dubby, dub-techno, deep techno, hypnotic chords, flow state, debugging, immersive,
        glacial beat, gauzy, smeared, dissolving, vapour, echo chamber, rainsoaked""",
    "trance": """
        euphoria, euphoric, ecstasy, ecstatic, bliss, rapture, goosebumps, uplifting, uplift, soaring,
        supersaw, super saw, saw lead, detuned saws, gated pads, arpeggio, arpeggios, arpeggiated, rolling
        off-beat bass, build-up, buildup, breakdown and drop, the drop, big room, mainstage, main stage,
        festival, laser, lasers, glow sticks, glowsticks, pyrotechnics, fireworks, confetti cannons, hands
        in the air, arena dance, amsterdam, ibiza sunrise, sunrise set, sunrise, superclub, goa, psytrance,
        psy-trance, full-on, vocal trance, progressive trance, hard trance, tech trance, hardstyle, happy
        hardcore, eurodance, eurotrance, dream trance, balearic, anthem synth, stadium dj, state of trance,
        flying, fly, flight, gliding, paragliding, skydiving, wingsuit, rocket, launch, acceleration,
        spinning class, cycling class, peloton, sprint finish, finish line, climax, release, heavenly,
        transcendence, cosmic journey, millennium, y2k rave, 1999, heart-pounding, edm festival, plur""",
    "drum and bass": """
        breakbeats, breaks, amen, amen break, chopped breaks, chopped drums, fast breaks, rapid drums,
        rollers, roller, reese, reese bass, neurofunk, neuro, jump up, jump-up, liquid dnb, liquid funk,
        darkstep, techstep, ragga jungle, junglist, selecta, rewind, wheel up, pirate radio, breakcore,
        footwork, juke, dubstep, wobble, wobble bass, brostep, riddim dubstep, big beat, breakstep, uk bass,
        bass music, sub bass, subs, 170, 172, 174, 175, hyperactive, frantic, frenetic, frenzied, hectic,
        jittery, twitchy, sleepless, restless, propulsive, breathless, urgent, adrenaline rush, racing game,
        race, racing, f1, formula 1, motorbike, motorbikes, superbike, speed, speeding, high-speed, 300
        km/h, parkour, free running, snowboard, snowboarder, avalanche, downhill, wipeout, futuristic race,
        hovercraft, drone race, esports, e-sports, on the run, escape, chase on foot, ninja, mirror's edge,
        sped up, double time, double-time, gun fingers, bristol, london cellar""",
    "trap": """
        808, 808s, eight-oh-eight, hi-hat rolls, hi-hats, hihats, hats, triplet hats, skittering hats,
        rattling, drill, uk drill, ny drill, jersey drill, sliding bass, phonk, drift phonk, drifting,
        drift, memphis, crunk, dirty south, grime, road rap, mumble rap, cloud rap, rage beat, plugg,
        pluggnb, hyphy, atlanta, houston, chopped and screwed, atl, plug, trap house, strip club, gangster,
        gangsters, mobster, mob boss, mafia, cartel, kingpin, thug, gang, villain, villainous, sinister,
        menace, menacing, shady, ominous, evil beat, ruthless, cold-blooded, savage flex, flex, flexing,
        drip, swag, ice, diamonds, gold chain, rolex, money, cash, bills, racks, lambo, lamborghini, suv,
        tinted windows, whip, trunk, subwoofer, subwoofers, bass boosted, car speakers, banger, slaps, slap
        in the car, hard af, no cap, fire beat, type beat, dark piano beat, walkout, walk-out, mma, ufc,
        boxer, boxing, fighter, ring walk, hype, tiktok, gym beat, street race""",
    "synthwave": """
        synth, synths, synthesizer, analog synth, analogue synths, juno, dx7, jupiter, prophet, moog, linn
        drum, linndrum, gated snare, gated reverb, chorus pads, keytar, neon, neon lights, neon sign, neon
        grid, outrun, retrofuturism, retro future, retro-futuristic, cyberpunk, blade runner, chinatown
        2049, tron, hologram, replicant, android detective, mirrored shades, sunglasses at night, miami,
        vice, palm trees and chrome, ferrari, delorean, testarossa, sports car at dusk, coastal highway,
        night drive, night driving, arcade, arcades, pixel, pixels, pixel art, 8-bit, 8 bit, 16-bit,
        chiptune, nes, game boy, commodore, amiga, sega, console, platformer, video game, level one, loading
        screen, mall, dead mall, vaporwave, mallsoft, vhs, betamax, walkman, mtv, 1980s, 1982, 1983, 1984,
        1985, 1986, 1987, eighties, darksynth, dreamwave, chillsynth, minimal wave, coldwave, darkwave, new
        romantic, electroclash, sci-fi, sci fi, science fiction, space opera, spaceship, alien, stranger,
        bikes and walkie-talkies, slasher, terminator, prom, teen movie""",
    "ambient": """
        space, outer space, stars, starry, galaxy, galaxies, cosmos, cosmic, universe, nebula, planet,
        planets, titan, mars landing, moon, lunar, astronaut, orbit, void, weightless, floating, drifting,
        hovering, drone, drones, pads, texture, textures, textural, tones, swells, soundscape, sound bath,
        soundbath, singing bowls, singing bowl, tibetan, gong, gongs, monks, chant, chanting, temple, shrine
        at dawn, prayer, sacred, holy, hospice, meditation, meditate, meditating, mindfulness, breath,
        breathing, breathwork, yoga, yin yoga, savasana, reiki, chakra, healing, spa, sauna, massage, sleep,
        sleeping, insomnia, falling asleep, deep sleep, relax, relaxation, calm, calming, soothing, serene,
        serenity, tranquil, tranquility, peace, peaceful, quiet, stillness, silence, still, vast, empty,
        emptiness, desolate, tundra, arctic, antarctica, glacier, glaciers, iceberg, ice, frozen, desert at
        night, dunes, mountains at dawn, forest, woods, lake, ocean, sea, waves, whales, aurora, clouds, fog
        bank, horror, scary, creepy, eerie, unsettling, dread, haunting, suspense, mysterious, mystery,
        ritual, dark ambient, shaman, ethereal, otherworldly, dreamlike, dream, glassy, evolving, beatless,
        nature documentary, planet earth, timelapse, time-lapse, new age, raga, tanpura, installation, no
        melody, formless""",
    "jazz": """
        saxophone, sax, tenor sax, alto sax, trumpet, muted trumpet, trombone, clarinet, walking bass,
        upright bass, double bass, brushes, brushed, ride cymbal, swing, swinging, swung, bebop, bop, hard
        bop, post-bop, cool jazz, modal, free jazz, fusion, gypsy jazz, manouche, dixieland, ragtime,
        charleston, trad jazz, big band, dance orchestra, crooner, rat pack, standard, standards, scat,
        vocal jazz, trio, quartet, quintet, jam session, improvise, improvised, improvising, improvisation,
        solo break, blue note, village vanguard, birdland, cotton club, harlem, new orleans, bourbon street,
        speakeasy, prohibition, gatsby, flapper, flappers, 1920s, twenties, roaring twenties, 1930s, 1940s,
        1950s club, 1959, noir, film noir, detective, private eye, trench coat, femme fatale, fedora,
        gangster 1930, smoky, smoke-filled, whisky bar, martini, manhattan, old fashioned, cocktail bar,
        cocktail, cocktails, tuxedo, tipsy, swanky, classy, sophisticated, suave, hip, finger snaps, finger
        snapping, beatnik, after hours, supper club, dinner jazz, restaurant, hotel lobby, manhattan
        skyline, pink panther, cartoon chase, tap dance, lindy hop, broadway, vintage hollywood, casino""",
    "bossa nova": """
        brazil, brazilian, rio, rio de janeiro, copacabana, ipanema, leblon, bahia, carioca, samba,
        samba-canção, choro, mpb, tropicalia, saudade, nylon guitar, nylon-string, shaker, rim click, soft
        guitar, caipirinha, elevator, elevator music, lift music, muzak, hold music, waiting room, telephone
        queue, easy listening, lounge, lounge music, exotica, tiki, hotel pool, poolside 1964, mid-century,
        modernist, modernist villa, jet set, pan am, sixties airline, sixties spy, brunch, aperitivo,
        aperitif, spritz, rosé, terrace, patio, veranda, promenade, riviera, amalfi, capri, portofino,
        lisbon, mediterranean, seaside, seaside café, sea breeze, breeze, breezy, barefoot, linen, sandals,
        gelato, picnic, romantic comedy, rom-com, flirting, flirty, shopping, supermarket, department store,
        perfume advert, interior design, garden restaurant, summer afternoon, sunshine and wine, unbothered,
        airy, light and breezy, whispery, whispering, gentle and sunny, soft samba, latin lounge, bossanova,
        acoustic latin, holiday""",
    "waltz": """
        one two three, 1-2-3, 3/4, three-four, three four, in three, in 3, triple metre, oom-pah-pah,
        oompah, umpah, vienna, viennese, habsburg, sissi, emperor, empress, danube, strauss, ball, ballroom,
        ball gown, gowns, gloved hands, debutante, masquerade, chandelier, chandeliers, versailles ball,
        hall of mirrors, dance card, twirl, twirling, whirl, whirling, swirl, swirling, spinning couples,
        spinning, giddy, dizzying, carousel, merry-go-round, fairground, funfair, circus, big top, clown,
        clowns, acrobats, trapeze, ringmaster, tightrope, calliope, barrel organ, hurdy-gurdy, accordion,
        accordionist, squeezebox, musette, bal musette, paris, parisian, french, seine, montmartre, eiffel,
        baguette, beret, bistro, croissant, amelie, chanson, ländler, polka, schuhplattler, mazurka, beer
        tent, oktoberfest, tyrol, yodel, alpine hut, ballet, ballerina on stage, nutcracker, swan lake,
        tchaikovsky, ice skating, ice skaters, figure skating, sleigh ride, belle époque, victorian dance,
        old-world, gallant, courtship dance, prince, princess, cinderella, beauty and beast, duchess, anna
        karenina, first dance""",
    "reggae": """
        jamaica, jamaican, kingston, negril, trenchtown, montego bay, rasta, rastafari, rastaman, jah, irie,
        zion, babylon, ganja, weed, joint, spliff, stoned, skank, skanking, skankin, offbeat guitar,
        off-beat, upstroke, one drop, one-drop, steppers, rub-a-dub, riddim, sound system, soundsystem,
        toasting, melodica, bubbling organ, ska, two-tone, rocksteady, dancehall, dub plate, dub siren, dub
        mix, calypso, soca, steelpan, steel pan, steel drums, zouk, mento, caribbean, barbados, bahamas,
        trinidad, antigua, island, islands, islander, tropical, tropics, beach, beaches, sand, toes in the
        sand, palm, palms, palm tree, palm trees, coconut, coconuts, hammock, rum, rum punch, surf, surfer,
        surfing, surf shack, longboard, sailing, sailboat, snorkelling, turtle, fishing boat, hawaii,
        hawaiian, aloha, luau, sunshine, sunny, sunny day, good vibes, positive vibes, easy-going, no
        worries, stress free, stress-free, carefree beach, laid-back sun, dreadlocks, red gold and green,
        cruise port, sunscreen, barbecue on the sand""",
    "folk": """
        acoustic guitar, acoustic, strum, strummed, strumming, fingerpicked, finger-picking, picking, banjo,
        mandolin, fiddle, fiddles, tin whistle, bodhran, bagpipes, accordion jig, jig, reel, hornpipe,
        ceilidh, hoedown, barn dance, square dance, bluegrass, americana, alt-country, country, country
        music, nashville, western, wild west, cowboy, cowboys, saloon tune, rodeo, ranch, prairie, prairies,
        plains, homesteaders, wagon, pioneers, frontier, horse, horses, appalachia, appalachian, ozark,
        tennessee, kentucky, montana, porch, rocking chair, cabin, log cabin, barn, farm, farmer, hay,
        harvest, tractor, village, countryside, meadow, hills, highlands, scottish, scotland, irish,
        ireland, dublin, galway, celtic, celts, gaelic, breton, welsh, shanty, sailors, ship's crew, tavern,
        inn, pub, ale, mead, bard, minstrel, troubadour, lute, medieval, middle ages, renaissance fair,
        knights feast, peasants, elves, hobbits, hobbit, shire, dwarves, rpg village, fantasy town, dungeons
        and dragons, skyrim tavern, campfire, camping, tent, bonfire, hike, hiking, hiker, backpack,
        backpacking, trail, camper van, vanlife, travel vlog, wanderer, wandering, ramble, gardening, picnic
        in the meadow, homemade, homespun, singer-songwriter, songwriter, protest song, indie folk,
        folktronica, stomp and holler, ukulele, whistling, handclaps advert, klezmer, balkan, romani, gypsy,
        andean, pan pipes, nordic, norse folk, slavic, balalaika, sirtaki, bouzouki, oud, erhu, guzheng,
        koto, grandpa, grandma, earthy, rustic, wholesome, down-home, simple, plain, honest""",
    "blues": """
        bluesy, twelve-bar, 12-bar, twelve bars, slide, slide guitar, bottleneck, resonator, dobro,
        harmonica, harp wail, mississippi, delta, clarksdale, crossroads, memphis bar, chicago bar, beale
        street, juke joint, roadhouse, road house, honky-tonk, honky tonk, barrelhouse, boogie-woogie,
        boogie woogie, jump blues, piedmont, swamp, bayou, louisiana, swampy, moonshine, bourbon, whiskey,
        whisky, beer, drunk, hangover, cigarette, cigarettes, smoke and whiskey, dive bar, pool hall,
        jukebox, diner, bar band, biker, bikers, harley, trucker, truck stop, gas station, route 66, dusty,
        dust, desert road, tumbleweed, highway at night, freight train, hobo, drifter, hitchhiker, prison,
        chain gang, cotton, sharecropper, cheated, cheating, my baby, baby left me, woman done left me, she
        left me, broke, unpaid, rent, hard times, worn out, weary, tired and thirsty, down and out,
        lonesome, heartbroken man, misery, sorrowful guitar, crying guitar, wailing guitar, bent notes,
        string bending, shuffle, rockabilly, rock'n'roll 1956, 1950s rock and roll, greaser, stomp,
        stompbox, growling, gritty, grit, dirty guitar, low-down, mojo, hoodoo, voodoo, devil at the
        crossroads, true detective, southern gothic""",
    "soul": """
        soulful, motown, stax, memphis soul, detroit 1965, philly, northern soul, blue-eyed soul, gospel,
        church, choir robes, choir and organ, hallelujah, amen corner, praise, worship, pastor, preacher,
        congregation, baptist, sunday service, testimony, spiritual, r and b, rnb, contemporary r&b, new
        jack swing, quiet storm, slow jams, slow jam, bedroom, sheets, silk, satin, candle, candlelit,
        candles, champagne for two, rose petals, valentine, valentines, date, date night, dinner for two,
        anniversary, just the two of us, proposal, propose, marry me, lovers, love making, making love,
        seduce, seductive, sensual, sexy, intimate night, kiss, kissing, caress, hug, cuddle, tender,
        tenderness, affection, affectionate, warm, warmth, velvet, velvety, silky, buttery, honey, smooth,
        smoothly, falsetto, harmonies, backing singers, girl group, doo-wop, doo wop, tambourine, wurlitzer,
        wurli, rhodes and horns, organ and horns, 1966, sixties hit, vintage soul, retro soul, neo-soul,
        pocket, laid-back pocket, heartfelt, devotion, hopeful, dignity, civil rights, mother's day, family
        reunion, grace""",
    "salsa": """
        havana, habana, cuba, cuban, puerto rico, puerto rican, san juan, cali, colombia, colombian,
        cartagena, bogota, venezuela, dominican, mexico, mexican, spain, spanish, seville, andalusia, buenos
        aires, argentina, latin, latino, latina, caribbean dance, montuno, guajeo, clave, congas, conga,
        bongos, bongo, timbales, guiro, maracas, cowbell, trumpets, mambo, cha-cha, chachacha, cha cha cha,
        rumba, guaguancó, bolero, bachata, merengue, cumbia, reggaeton, dembow, perreo, latin pop, latin
        jazz jam, boogaloo latin, son cubano, timba, charanga, salsa romantica, plena, vallenato, tango,
        milonga, flamenco, bulerias, paso doble, mariachi, ranchera, norteño, banda, corrido, dance class,
        dance lesson, dance couples, hips, hip-shaking, hot, heat, spicy, fiery, sizzling, caliente, fuego,
        azucar, azúcar, fiesta, baile, carnival, carnaval, showgirls, zumba, street dance, plaza, cigars,
        mojito, mojitos, tequila, tacos, rum and cigars, sombrero, piñata, telenovela, passionate,
        flirtatious, bullfight, matador, rooftop latin""",
    "afrobeat": """
        africa, african, west africa, west african, nigeria, nigerian, lagos, abuja, ghana, ghanaian, accra,
        senegal, dakar, mali, malian, bamako, congo, kinshasa, cameroon, ethiopia, ethiopian, addis, kenya,
        nairobi, tanzania, south africa, johannesburg, soweto, zulu, yoruba, highlife, juju, fuji music,
        soukous, makossa, mbalax, mbaqanga, kwaito, amapiano, gqom, afropop, afro pop, afro-funk, afro funk,
        afrofusion, ethio-jazz, desert guitar, tuareg, griot, kora, balafon, djembe, talking drum, talking
        drums, shekere, log drum, mbira, marimba band, polyrhythm, polyrhythms, polyrhythmic, interlocking,
        circling, cyclical, rolling groove, endless groove, never-ending groove, communal, drum circle,
        tribal, tribe, safari, savannah, savanna, serengeti, giraffe, giraffes, elephants, lions, zebra,
        wildlife, lion king, jungle drums, dashiki, ankara, market square, open-air band, world music,
        african cup, vuvuzela, horn riffs, bright guitars, festive percussion, township""",
    "ballad": """
        sad, sadness, sorrow, sorrowful, grief, grieving, mourning, mourn, funeral, eulogy, obituary,
        memorial, in memoriam, loss, lost love, tears, tearful, tearjerker, cry, crying, weeping, sob, lump
        in the throat, heartbreak, heartbroken, breakup, break-up, broke up, divorce, goodbye, farewell,
        parting, miss you, missing you, lonely, loneliness, alone, melancholy, melancholic, wistful,
        bittersweet, nostalgia, memories, memory, remember, remembering, letters, old photos, photographs,
        childhood memories, years later, regret, forgive, tender piano, gentle piano, solo piano, soft
        piano, felt piano, piano and strings, piano, pianist, nocturne, ballade, neoclassical,
        neo-classical, minimal piano, cinematic piano, emotional, moving, touching, poignant, fragile,
        vulnerable, delicate love, intimate, quiet, romance, romantic, love theme, love story, love scene,
        lovers part, in love, vows, wedding vows, aisle, wedding ceremony, bride walks, slow dance, prom
        slow dance, power ballad, torch song, train station, airport goodbye, hospital, deathbed, dying,
        dies, war letter, soldier comes home, reunion, orphan, old dog, end credits, closing scene, drama,
        dramatic, tragic, tragedy, movie love, autumn, november, winter alone, charity advert, ghibli piano,
        hope after loss""",
    "chamber strings": """
        classical, orchestra, orchestral, symphony, symphonic, philharmonic, conductor, quartet, string
        quartet, quintet strings, violin, violins, viola, violas, cello, cellos, contrabass, pizzicato,
        bowed, bows, arco, harpsichord, oboe, bassoon, woodwinds, french horns, horns swelling, timpani,
        concerto, sonata, minuet, gavotte, sarabande, fugue, counterpoint, canon in d, allegro, adagio
        strings, overture, opera, aria, oratorio, requiem, mass, madrigal, motet, baroque, rococo,
        renaissance, enlightenment, 1700s, 1750, 1780, 18th century, eighteenth-century, georgian, regency,
        bridgerton, jane austen, period drama, costume drama, downton, count, countess, duke, lord, lady,
        butler, servants, servant, candelabra, candelabras, wig, wigs, powdered, palace, versailles,
        château, castle, estate, manor, king, queen, royal, royalty, court, coronation, ceremony, noble,
        nobility, aristocrat, aristocratic, stately, regal, majestic, dignified, refined, elegant, tasteful,
        museum, gallery, art auction, auction, catalogue, antiques, luxury watch, chess, tea party, garden
        party, high tea, banquet, graduation, procession, epic, epic trailer, trailer, fantasy film,
        fellowship, quest film, wizard, wizards, dragon flight, heroic, hero, heroes, adventure,
        swashbuckling, pirate adventure, film score, movie score, cinematic, hollywood score, sweeping,
        swelling, grand, grandeur, battle orchestral, historical, history documentary, roman empire, spy
        strings, intellectual, academic, bach, mozart, haydn, vivaldi, handel, beethoven, schubert, brahms""",
    "music box": """
        lullaby, lullabies, baby, babies, newborn, infant, crib, cradle, cot, mobile above the crib,
        nursery, toddler, child, children, kids bedtime, bedtime, sleepy child, goodnight, sweet dreams,
        dreamland, teddy, teddy bear, toy, toys, wooden toy, toy shop, toymaker, wind-up, windup, clockwork,
        clock, cuckoo, doll, dolls, dollhouse, porcelain doll, puppet, puppets, marionette, ballerina,
        jewellery box, jewelry box, snow globe, snowglobe, snow, snowflake, snowflakes, snowfall, winter
        wonderland, ice crystals, icicles, christmas, christmassy, xmas, santa, reindeer, elf workshop,
        advent, gingerbread, tinsel, sleigh bells, jingle, fairy, fairies, fairy tale, fairytale, fairy
        dust, pixie, pixie dust, sprite, unicorn, magic, magical, wand, spell, potion, enchanted,
        enchanting, whimsical, whimsy, storybook, once upon a time, wonderland, alice, mouse, little, tiny,
        teeny, cute, kawaii, adorable, precious, sparkly, twinkle, twinkling, twinkly, tinkle, tinkling,
        tinkly, chime, chimes, chiming, bells, bell, glockenspiel, celesta, celeste, xylophone, kalimba, toy
        piano, music-box, delicate, dainty, innocent, innocence, childlike, childhood toy, kindergarten,
        preschool, candy, bubbles, butterflies, haunted doll, creepy child, possessed toy, attic, ghost
        child""",
}

STYLE_KEYWORDS: dict[str, tuple[str, ...]] = {
    name: tuple(dict.fromkeys(" ".join(word.split()) for word in text.split(",")))
    for name, text in _TEXTS.items()
}
"""Words and short terms, lower-case, by the name of the style in `music.styles.STYLES`."""

_TOKEN = re.compile(r"[^\W_]+(?:['&/\u2019][^\W_]+)*")

Term = tuple[str, ...]
"""A key word in tokens: "hip-shaking" is two."""


@lru_cache(maxsize=1)
def _styles_of() -> dict[Term, tuple[str, ...]]:
    table: dict[Term, tuple[str, ...]] = {}
    for name, words in STYLE_KEYWORDS.items():
        for word in words:
            term = tuple(_TOKEN.findall(word))
            table[term] = tuple(dict.fromkeys((*table.get(term, ()), name)))
    return table


def keyword_votes(lower: str) -> dict[str, float]:
    """How many key words of a lower-case text point to each style; one that points to n gives each 1 / n.

    The longest counts where one is part of another, a plural counts as its singular, and each word once.
    """
    table = _styles_of()
    longest = max(map(len, table))
    tokens = _TOKEN.findall(lower)
    found: dict[Term, None] = {}
    place = 0
    while place < len(tokens):
        for length in range(min(longest, len(tokens) - place), 0, -1):
            term = _singular(tuple(tokens[place : place + length]), table)
            if term is not None:
                found[term] = None
                place += length
                break
        else:
            place += 1
    votes = dict.fromkeys(STYLE_KEYWORDS, 0.0)
    for term in found:
        for name in table[term]:
            votes[name] += 1.0 / len(table[term])
    return votes


def _singular(term: Term, table: dict[Term, tuple[str, ...]]) -> Term | None:
    """The term as the table has it: as it is, or without its plural's ending; None if it has neither."""
    last = term[-1]
    spellings = (last, last.removesuffix("s"), last.removesuffix("es"))
    return next((found for word in spellings if (found := (*term[:-1], word)) in table), None)
