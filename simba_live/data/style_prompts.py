"""How people ask for each style without its name: examples from which free text is read, see `style_head`.

Unlike `style_words` they may speak of instruments and scenes that a piece of the style need not have, so they
are no captions.
"""

from __future__ import annotations

_TEXTS: dict[str, str] = {
    "lofi": """
        music to study to; beats for doing homework; quiet beats while I work at my desk; anime girl at her
        desk; background for writing an essay; cup of coffee on a rainy morning; soft beats with vinyl
        crackle; dusty record noise and a lazy drum loop; tape hiss and wobbly electric piano; jazzy chords,
        slow beat, sleepy; rain against the window while I read; a cat asleep on the sofa; unwinding after a
        long day at work; late night homework session; focus playlist; chilled instrumental beats; laid back
        beats with mellow keys; something unobtrusive to concentrate; Sunday morning pancakes; walking home
        at night through quiet streets; old cassette, detuned, warm; slow jam-like loop with muted trumpet;
        soft rhodes, brushed beat, city lights; nothing too busy, just a mellow loop; a stream of beats for
        working from home; relaxed podcast background; journaling at the kitchen table; sleepy guitar loop
        and soft drums; downtempo bedroom producer; laptop musician in a small bedroom; cosy autumn evening
        indoors; snow outside, hot chocolate inside; calm vlog background; nostalgic for summers past,
        gentle beat; easygoing hip hop for relaxing; twilight in the city, muffled drums; mellow beats for
        painting and drawing; a plant shop; chill out after exams; bookshop background music; tired but
        happy; lazy afternoon in bed; Japanese city night stroll with soft beats""",
    "hip hop": """
        instrumental for rapping; beat for an emcee; sampled drum break with scratching; a looped jazz
        sample and a hard snare; turntables and a microphone; freestyle circle on the corner; break dancers
        on cardboard; graffiti artists at work; boombox on the shoulder; gritty New York streets; conscious
        rap from the golden age; West coast cruising beat; swung drums, fat kick, deep bass; a beat that
        makes you nod your head; rhymes about the neighbourhood; battle rap instrumental; trip hop from
        Bristol, smoky and slow; a crate digger's sample collage; MPC drums and filtered horns; nineties rap
        with piano loop; street basketball; skate park in the nineties; rough underground mixtape;
        storytelling rap backing; hustling in the big city; walking through the hood with confidence; old
        soul record chopped up under heavy drums; b-boys and b-girls; low-slung groove with upright bass;
        raw drums and a dusty flute loop; Brooklyn summer block party; poetry slam backing; a cool strut
        with swagger and a beat; documentary about street art; sneakers advert; DJ scratching vinyl records;
        spoken word over drums; hard beats for lyricists; laid-back G-funk""",
    "funk": """
        wah-wah guitar and slap bass; tight horn section with a syncopated groove; get up and dance, sweaty
        and tight; on the one; clavinet riffs; scratchy guitar and punchy brass; seventies cop show; a cool
        detective in a big American car; heist movie planning scene; comedy chase; cooking show intro; bass
        player showing off; strut down the street in platform shoes; big afro and bell-bottoms; a groove so
        tight it hurts; jam band vamping on one chord; make everybody move their hips; cheeky and playful
        bass line; talk show band; game show theme; party with horns; New Orleans second line groove; groovy
        soundtrack for spies in the seventies; dance moves on a soul train; sassy, brassy, bouncy;
        syncopated sixteenth-note groove; a backyard cook-out where everyone dances; sweaty club band with
        horns; bass-heavy groove with organ stabs; acid jazz for a hip bar; jazz-funk fusion; infectious
        rhythm guitar; stank face groove; muscular bass, tight snare; comedy heist in Las Vegas; a sports
        talk show theme; strutting peacock; big city hustle, taxi cabs and attitude; boogie with handclaps
        and talkbox; fun and quirky groove for an advert""",
    "disco": """
        mirror ball turning over a dance floor; saturday night in white trousers; glitter and sequins; four
        on the floor with strings; octave bass line and open hi-hats; roller skates; dance hits of the
        seventies; glamorous New York night club; everybody on the dance floor at the wedding; happy party
        music for all ages; feel-good dance with string runs; chic guitar and handclaps; sparkling and
        joyful; survive and shine, a diva anthem; drag show; a hen night; pride parade; city pop from Tokyo;
        shiny Japanese pop of the early eighties; a cruise ship party; New Year's Eve countdown; champagne
        and confetti; studio lights, sequin dress; boogie nights; soulful dance music with lush orchestra;
        funky French house with filtered samples; Euro dance pop of the seventies; kitsch and fabulous;
        holiday camp party; moves like a dancing queen; catchy pop dance tune; uplifting celebration with
        claps; glam party at the penthouse; seventies dance competition; retro dance music; bouncing bass
        and violins; bright, glittering, happy; a fun family birthday party; K-pop dance number; aerobics in
        a bright leotard; summer hit that everybody dances to; flamboyant and campy""",
    "rock": """
        electric guitars turned up loud; garage band rehearsal; stadium anthem; power chords and crashing
        drums; guitar solo with feedback; road trip with the windows down; teenage rebellion; high school
        football team running onto the field; skateboarders doing tricks; extreme sports highlights; arena
        full of fans singing; three chords and an attitude; grunge from Seattle; indie band with jangly
        guitars; classic seventies guitar hero; britpop; pop punk; post-punk; noisy guitars drowned in
        reverb; truck commercial; motorcycle gang; energetic guitar riff for a workout; triumphant sports
        victory; leather jackets and cigarettes; anthemic chorus for fifty thousand people; driving drums
        and distorted guitar; alternative college radio; emo band; surf guitar; southern guitar band; a band
        playing in a sweaty club; raw and honest guitar music; rebellious youth; a montage of the team
        training hard; monster riff; wrestling entrance; guitars, bass and drums, loud; hard hitting guitar
        track; post-rock crescendo; math-rock guitar tapping; opening credits of a teen movie; desert
        highway and a muscle car; smash the guitar on stage; adrenaline and gasoline; angry break-up with
        guitars; summer festival band; J-rock anime opening; action scene with electric guitars""",
    "metal": """
        double kick drums and palm-muted riffs; screaming guitars; headbanging in the mosh pit; growls and
        blast beats; the gates of hell open; demons and fire; vikings attacking; dragon slaying; final boss
        fight; brutal breakdown; chugging down-tuned guitars; shredding guitar solo at high speed; pure
        anger; rage and hatred; smashing everything to pieces; lifting very heavy weights; violent
        first-person shooter; army of darkness marches; doom and sludge; satanic and evil guitars; thrashing
        at full speed; power metal with galloping drums; djent; symphonic and heavy with choirs; hardcore
        punk fury; deathcore; a horde of orcs; chainsaw guitars; monster trucks; war machines crushing
        skulls; fury, aggression, destruction; the most extreme and loud thing you can make; heavy as hell,
        distorted; apocalypse with guitars; gory horror game combat; Norse mythology battle, loud and
        distorted; industrial guitars grinding; explosive wrestling match; razor-sharp riffs; demolition
        derby; aggressive workout with screaming guitars; berserk; blackened Norwegian forest with tremolo
        guitars; skull and flames""",
    "house": """
        four on the floor with piano stabs; dancing by the pool; rooftop bar at sunset with a DJ; beach club
        in summer; Ibiza; fashion runway; shopping in a trendy boutique; soulful vocals over a steady kick;
        warm bass and claps; groovy club track; feel-good dance floor filler; deep and soulful club music;
        Chicago in the eighties; New York garage; UK garage with skippy beat; organ bass and shuffling hats;
        chic cocktail party with a DJ; tropical summer dance; poolside drinks; a sunny electronic dance
        track; bouncy bass line for the dance floor; commercial dance music; Sunday afternoon dance in the
        sun; a stylish hotel lobby with beats; late-night club, soulful and warm; electronic pop for
        dancing; clapping and jumping at a beach festival; upbeat corporate technology video; product
        launch; DJ set for a terrace party; smooth dance groove; vocal chops and filtered chords; jackin'
        beats; disco samples with a pumping kick; slick modern club; party on a yacht; Afro-tinged deep
        dance music; dance remix; ninety's dance floor; happy electronic beat; gym class with dance music;
        the sound of summer; city at night, going out dancing; modern pop dance production""",
    "techno": """
        pounding kick drum in a dark warehouse; strobe lights and fog; Berlin club at dawn; machines in a
        factory; robots marching; relentless pulse; cold and mechanical; hypnotic repetition; acid bass line
        squelching; no melody, just rhythm; concrete and steel; rave in an abandoned bunker; underground
        club with no windows; hackers typing at terminals; dystopian machine world; industrial hammering;
        minimal clicks and bleeps; four hours into the night; peak time, hard and fast; Detroit machines;
        hardcore gabber; assembly line; cyborg chase; metallic percussion; distorted kick; raw electronic
        repetition; dark electronic pulse for a thriller; sweat dripping from the ceiling; driving, dark and
        monotonous; sequencer patterns that slowly change; modular synthesizer pulses; EBM; black clothes
        and sunglasses at night; running on a treadmill at a steady fast pulse; data centre; surveillance
        and control; a tunnel with red lights; brutalist architecture; stomping beat without mercy; hard
        dance; electronic body music; drone racing; laser precision; laboratory experiment with machines;
        countdown to detonation, ticking electronic tension; speeding through the matrix""",
    "dub techno": """
        echoing chord stabs; deep, foggy and endless; submerged kick drum; chords dissolving in delay;
        underwater city; night train through the rain; an empty underground station; muffled beat behind a
        wall; walking through mist; harbour at night; hazy minimal loops; tape delay and hiss; slow evolving
        minimal electronic music; drifting through fog; deep concentration with a soft pulse; sonar;
        submarine; long reverberating chords over a soft beat; dub chords; static and rain; cavernous space
        with a distant beat; subtle and hypnotic electronic music; grey sea, grey sky; slow motion club;
        after-hours, spaced out; deep minimal; spacious delay-drenched electronics; empty streets at four in
        the morning; repeating chord in a huge space; barely there pulse; winter night in a northern port;
        glacial electronic beat; echo chamber; chain of echoes; immersive, blurry and dark electronic; a
        lighthouse in the mist; floating with a soft four-four kick; deep space probe with a heartbeat;
        muted, aquatic techno; sleepy head against the train window""",
    "trance": """
        supersaw chords and a huge build-up; euphoric arpeggios; hands in the air at a festival; sunrise
        over the main stage; lasers; emotional breakdown then the drop; uplifting melody at 138; flying
        above the clouds; epic electronic anthem; ecstasy and release; progressive build with pads;
        thousands of people jumping; fireworks finale; spinning class sprint; soaring synth lead; big room;
        Goa beach party; psychedelic electronic; superclub in the nineties; goosebumps electronic melody;
        Ayia Napa two thousand; EDM festival drop; euphoria; transcendent electronic journey; Dutch DJ
        anthem; breathless climax with synths; happy hardcore; eurodance with a catchy synth; shimmering
        arpeggios racing upward; heavenly voices over a fast beat; finish line of a marathon; inspiring
        electronic power; light show; floating and fast; massive pads and rolling off-beat bass; tears of
        joy on the dance floor; skydiving; rocket launch, electronic and uplifting; chasing the sun;
        hardstyle kick with a euphoric lead; love and unity, glow sticks""",
    "drum and bass": """
        fast breakbeats and deep sub bass; amen break chopped; rolling bass at 174; London rave; pirate
        radio; racing game; motorbike chase at night; parkour over the roofs; speeding through tunnels;
        frantic electronic energy; breaks; neurofunk growl; liquid rollers with soft pads; ragga samples
        over fast drums; hyperactive and restless; downhill mountain biking; snowboarding video; adrenaline
        rush electronic; drones flying fast through a city; futuristic car race; anti-gravity racing; escape
        from the exploding station; rapid-fire drums; breakcore madness; half-time wobble bass; dubstep;
        jungle massive; double-speed drums with dreamy chords; urgent and racing; rave in a Bristol cellar;
        tense chase on foot through the crowd; cyber ninjas; fast cuts, fast drums; skateboard video with
        electronic beats; the clock is running out, hurry; e-sports highlights; speed, speed, speed; drum
        frenzy with sub bass; reese bass; rushing rivers of percussion; fast electronic percussion with warm
        chords; extreme sports in the Alps; junglist; Formula One start; twitchy, glitchy and fast""",
    "trap": """
        booming 808 and rattling hi-hats; dark beat for a rapper; Atlanta; gangster walks in; villain's
        theme with bass; strip club; money, cars and diamonds; hard-hitting bass for the car; phonk; drill
        from Chicago; grime from east London; menacing bells over heavy bass; slow and heavy with triplet
        hats; flexing at the gym; street crime series; trunk-rattling bass; cold-blooded; mob boss; a modern
        rap instrumental; sinister piano with 808s; sub bass that shakes the walls; hi-hat rolls and claps;
        eerie flute over hard drums; evil and ruthless beat; drill beat with sliding bass; cloud rap, hazy
        and dark; SoundCloud rapper; expensive watch; a fighter walks to the ring; midnight street race with
        bass; Memphis tape; dangerous neighbourhood at night; heavy drop for a dance crew; ice cold,
        ruthless; a heist by masked robbers; ominous strings and 808; boxing training in a dark gym; dark
        and modern urban beat; Latin trap; sad rapper, autotune and guitar; hood anthem; bass boosted;
        knocking beat; villain arc; hyped up TikTok flex""",
    "synthwave": """
        neon lights and wet streets; driving at night in a sports car; eighties synthesizers; analog synth
        arpeggios; arcade machines; VHS tape; retro future; cyberpunk city; science fiction from the
        eighties; chrome and palm trees; Miami in 1986; gated snare and chorus; action hero training
        montage; teenage adventure in the eighties with synths; pixel art game; eight bit console; chiptune
        level; vaporwave mall; new wave band with synthesizers; electro pop with a nostalgic melody; a robot
        in love; space opera with synthesizers; video game title screen; grid horizon and a purple sun;
        flying cars; telephone booth and sunglasses at night; Italo; robots and lasers in a retro cartoon;
        dark synth horror movie; slasher film synth score; home computer demo; pulsing synth bass; dreamy
        synth pop; prom night 1986; retro computer game; alien planet explored with old synths; moody
        electronic cop show; electric dreams; hologram; android detective; polygon racing game; keytar solo;
        nostalgic teen romance with synths; platform game with coins and jumps; New Romantic; electronic pop
        from Germany; space shuttle documentary from the eighties""",
    "ambient": """
        long slow pads; floating in space; meditation; deep sleep; breathing exercises; yoga class; wellness
        and hot stones; healing sounds; a drone without beat; no rhythm, just texture; waves on an empty
        shore; northern lights; underwater world; whales; vast desert at dawn; snow falling silently;
        cathedral reverb; alone on a space station; the universe expanding; monks chanting far away; Tibetan
        bowls; mist over a lake; nature documentary about the Arctic; aerial view of mountains; a haunted
        empty place; unsettling horror drones; suspense, something is watching; eerie fog; mystery and
        dread; post-apocalyptic silence; slow motion clouds; hypnotherapy; mindfulness app; calm down
        anxiety; weightless; ethereal voices; stillness; shimmering texture; quiet contemplation; infinite
        calm; letting go; stargazing; planetarium; prayer; shaman journey; Indian drone with tanpura; temple
        at dawn; slowly evolving soundscape; background for an art installation; ancient ruins; forest with
        birds; drifting on the ocean; soft light; white noise for babies; nothing happens, beautiful; an
        iceberg; cosmic dust; astronaut; cave with dripping water; sacred and holy silence; dream sequence;
        memory fading; aquarium; desolate planet""",
    "jazz": """
        walking bass and ride cymbal; saxophone solo in a smoky club; trumpet with a mute; piano trio after
        hours; film noir detective; private eye in the rain; cocktail party in black tie; whisky bar with a
        piano player; New Orleans; Harlem in the twenties; speakeasy and gangsters; big band dance; swinging
        brass; prohibition; flappers dancing the charleston; ragtime piano; improvisation; bebop at
        breakneck speed; cool and sophisticated; Paris cellar with existentialists; black and white film;
        late dinner by candlelight with a quartet; finger snapping; hotel lobby pianist; crooner with
        orchestra; gypsy guitar swing; electro swing; dixieland; brushed drums and double bass; clarinet and
        trombones; a jazz-loving cat in a cartoon; beat poets; coffee house sophistication; modal saxophone;
        elegant Manhattan evening; a spy with a martini; old Broadway; tap dancing; blue note; fusion;
        smooth saxophone; swing dance night; classy restaurant; lounge singer; jam session; vintage
        Hollywood glamour; a long improvised solo; hip and witty; Christmas with the rat pack; sneaking
        around, jazzy and comic; detective looking for clues""",
    "bossa nova": """
        nylon guitar and soft shaker; girl on the beach in Rio; Brazilian summer; samba; caipirinha at
        sunset; lift music; hotel lounge; brunch; terrace by the sea; breezy flute; whispering guitar;
        gentle syncopation; cooking dinner on a summer night; Lisbon café; Mediterranean holiday; light
        romantic comedy; supermarket music; waiting on the telephone line; elegant easy listening; exotica
        with vibraphone; a tiki bar; soft Latin guitar; sunny afternoon in the garden; ice cream on the
        promenade; sixties airline; jet set; romantic picnic; shopping for shoes; airy and light; soft and
        sunny; sipping wine on a balcony; a shady patio; warm breeze; tropical and gentle; holiday brochure;
        saudade; carioca; easy afternoon with a guitar; seaside restaurant; aperitif; relaxed Latin;
        elevator; flirting in a sidewalk café; gentle Brazilian guitar; linen shirts and sunglasses;
        sophisticated and sunny""",
    "waltz": """
        one two three, one two three; ballroom dancing; Vienna; the emperor's ball; carousel;
        merry-go-round; fairground organ; accordion in Paris; café by the Seine; couple turning round and
        round; princess dances with the prince; ice skaters; masquerade ball; circus; clowns and acrobats;
        trapeze artists; oom-pah-pah; Amélie; old Europe; graceful turning melody; three-quarter time;
        chandeliers and gowns; first dance of the bride and groom; debutantes; Danube; musette; Tchaikovsky
        ballet; spinning dancers; nutcracker flowers; polka and beer tent; Oktoberfest; Alpine folk dance;
        merry fair; Ferris wheel; vintage postcard from Paris; beret and baguette; street accordion; dancing
        in pairs; dizzy and swirling; a grand staircase; harpist and strings for dancing; romantic
        nineteenth century; Belle Époque; puppet theatre; magician's show; sleigh ride; whirling skirts;
        old-fashioned dance; swaying in three""",
    "reggae": """
        off-beat guitar; one drop drums; island; palm trees and hammock; Jamaica; Kingston; rastaman;
        positive vibration; smoking weed; sunny and lazy; dub echo with heavy bass; ska with horns; two
        tone; dancehall; beach bar; surfing; sailing in the Caribbean; coconut; bubbling organ; steppers;
        sound system; peace, love and unity; summer holiday on an island; barbecue on the beach; easy
        skanking; a slow romantic skank; hawaiian shirt; ukulele on the beach; calypso and steel drums; toes
        in the sand; chilling on a boat; no worries; laid-back tropical groove; turtle swimming; mellow
        island groove; rum punch; dreadlocks; deep bass and melodica; roots and culture; sunshine; sway in
        the breeze; pirates on holiday; tropical resort; chilled surf shack; lazy river; toasting over
        riddim; trombones and off-beat; happy-go-lucky Caribbean; mango seller; kids playing on the beach;
        slow swaying groove in the sun""",
    "folk": """
        acoustic guitar by the campfire; fiddle and tin whistle; Irish pub; tavern song; sea shanty;
        sailors; banjo and harmonica; bluegrass hoedown; barn dance; country road; cowboys on the prairie;
        farm; hillbilly; mountains and hiking; Scottish highlands; bagpipes; shire; elves and hobbits in a
        village; medieval market; bard with a lute; renaissance fair; fantasy inn; singer-songwriter;
        finger-picked guitar; indie folk with handclaps; ukulele, whistling and glockenspiel advert; a walk
        in the woods; travel with a backpack; camper van; farmers; harvest; wooden cabin; old ballad from
        the hills; protest song; honest and simple; Appalachian; country and western; Nashville; cowboy;
        wild west; saddle up; horse riding; cabin in the snow; Nordic fiddle; Celtic harp; jig and reel;
        mandolin; Andean pan flutes; Balkan dance; klezmer clarinet; gypsy caravan; folk dance in the
        village; spring meadow; grandmother's kitchen; a gentle strummed tune; gardening; homemade bread;
        rustic wedding; kids around the fire; pirates drinking; quest through green hills; wanderer;
        peasants; Robin Hood; Russian balalaika; Mexican village with guitars; porch swing; rocking chair;
        quaint village in a role-playing game; traditional music from China; Japanese koto""",
    "blues": """
        twelve bars; slide guitar; harmonica wailing; my baby left me; juke joint; Mississippi; road house;
        whiskey and cigarettes; lonely highway; dusty crossroads; sold my soul to the devil; Chicago bar
        band; shuffle; boogie piano; electric guitar bending notes; trucker; down and out; broke and lonely;
        prison work song; rockabilly with slap bass; rock and roll from the fifties; jukebox diner; biker
        bar; bar fight; gritty and slow; weary; sad guitar late at night; bourbon; swamp; Louisiana; old
        wooden porch in the heat; cotton fields; resonator guitar; pool hall; neon beer sign; mean old
        world; hard times; poor man's song; Texas shuffle; guitar crying; steamy southern night; a long
        drive through Texas; moonshine; rattlesnake and desert; hitchhiker; freight train; honky-tonk; tough
        guy in a saloon; barrelhouse; dirty slide guitar for a western series; murky, gritty detective in
        the south; heartbroken guitar; growling voice and a stomp box""",
    "soul": """
        candlelight and silk sheets; love between the sheets; church choir on Sunday; gospel; hallelujah,
        clapping and organ; Motown; Memphis horns; Philadelphia strings; neo soul with rhodes; smooth rhythm
        and blues; velvet voice; tender love; romantic evening; wedding proposal; valentine's day; a slow
        dance with the one I love; warm and heartfelt; quiet storm radio; sixties girl group; tambourine and
        hand claps; falsetto singer; sweet harmonies; sensual groove; late night love; massage with my
        lover; bubble bath; Sunday morning praise; family reunion; deep emotions with horns; heartfelt and
        smooth; an easy, deep groove; electric piano and warm bass; contemporary R&B; date night; red wine;
        seduction; grown and sexy; love letter; sweet and soulful; mother's day; forgiveness; uplifted by
        faith; civil rights era; hope and dignity; vintage record from Detroit; organ, horns and a tender
        ballad singer; lazy Sunday in bed with you; silky; honey; cuddling; anniversary dinner; slow, smooth
        and sexy""",
    "salsa": """
        montuno piano and congas; Havana; Cuban street party; dancing couples; hot Latin night; trumpets and
        timbales; carnival; mambo; cha cha; rumba; merengue; guitar serenades from Santo Domingo; cumbia;
        reggaeton; tango in Buenos Aires; clave; fiery; spicy; Caribbean dance; Puerto Rico; Cali; Spanish
        Harlem; dance class; fiesta; mariachi with trumpets; Mexican party; tequila; tacos; piñata; Latin
        lovers; flamenco with palmas; passion; bongos; cigars and rum; vintage car in Cuba; hips; street
        festival with brass; sombrero; Zumba; Latin fitness; steamy dance floor; merry Latin brass;
        Colombian party; telenovela; Spanish holiday; bullfight; Carmen; hot summer night in the plaza;
        quick feet; maracas; dancing in the street; tropical big band; fast, festive, with brass and
        percussion; exuberant Latin percussion; Copacabana nightclub show; sizzling""",
    "afrobeat": """
        Lagos; West African groove; talking drums; highlife guitars; interlocking guitars; congas and bells;
        endless horn riffs; Ghana; Nigerian party; Naija pop; amapiano; Congolese rumba; Senegalese dance;
        Ethiopian jazz; desert blues from Mali; kora; balafon; African market; safari; savannah with lions;
        colourful fabrics; communal dance; drum circle; tribal drums; Afro-house; world music festival;
        celebration in the village; circling rhythm; polyrhythm; sunny and endless groove; a big band with
        four drummers; shekere; Johannesburg; South African township; football world cup in Africa;
        Kinshasa; tribal dance; hypnotic guitars and percussion; proud and political; joyful brass over
        percussion; Accra; dancing in bright clothes; African wedding; jungle rhythm with marimba; wild
        animals documentary with drums; elephants; long polyrhythmic jam; Afro-Cuban percussion jam; big
        outdoor party under the African sun; street parade with percussion""",
    "ballad": """
        sad piano; I miss you; a broken heart; crying alone; farewell at the station; the end of a love;
        funeral; in memory of a friend; slow dance; emotional film scene; tearful reunion; lonely at night;
        soft piano and strings; romantic and slow; touching; bittersweet; nostalgia for lost youth; letting
        you go; melancholy in autumn; rainy day piano; quiet drama; end credits; dying in her arms; touching
        charity advert; a mother's love; letter from the war; hospital; grief; winter solitude; old
        photographs; heartfelt piano melody; tender; gentle solo piano; nocturne; moonlight on the piano;
        wedding ceremony; saying I do; love theme; piano player alone in an empty hall; intimate; fragile;
        slow song for lovers; first snow; regret; the last day of school; contemplative piano; reflective;
        Studio Ghibli piano; anime sad moment; dramatic love story; power ballad; lighters in the air;
        romance in the rain; peaceful piano; daydreaming at the piano; emotional strings; hopeful ending; a
        goodbye letter; pet that passed away; slow and beautiful; watching the sunset alone; quiet and
        moving; tragedy; inspirational story of a survivor; candle vigil; piano for reading poems""",
    "chamber strings": """
        string quartet; two violins, viola and cello; royal court; palace; powdered wigs; eighteenth
        century; Mozart; Bach; Vivaldi; Haydn; Beethoven; harpsichord; minuet; concert hall; symphony
        orchestra; museum; period drama; Jane Austen; Bridgerton; elegant dinner; tea with the queen;
        afternoon tea; costume film; baroque; fugue; counterpoint; violins only; orchestral score; epic
        orchestra; film score; adventure film with full orchestra; heroic fanfare; coronation; a king
        enters; historical documentary; ancient empire; strings and horns, noble; majestic; graceful and
        refined; formal reception; graduation ceremony; wedding procession; art gallery opening; chess game;
        library with old books; opera overture; classical concerto; cello solo; violin concerto; pizzicato
        comedy; sneaky pizzicato strings; a butler at work; rich people's garden party; luxury brand; hero's
        journey; sweeping strings; trailer with dramatic orchestra; knights; castle; wizard school; pirate
        ship adventure orchestra; the battle of two armies, orchestral; renaissance consort; sacred choir;
        requiem; ballet; academic; intellectual; woodwinds and strings; grand landscape, orchestral; space
        battle with orchestra; emotional orchestral swell; suspenseful strings""",
    "music box": """
        lullaby; put the baby to sleep; nursery; toy piano; celesta; tinkling bells; fairy tale; magic wand;
        pixie dust; snow globe; ballerina turning in a box; doll's house; creepy doll; haunted toy; child's
        bedroom; Christmas tree; Santa's workshop; elves wrapping presents; sleigh bells; winter wonderland;
        snowflakes; teddy bear; bedtime story; unicorn; enchanted forest with fairies; glockenspiel;
        xylophone for children; kalimba; wind-up toy; tiny and delicate; innocent child; dreamland; sugar
        plum; kindergarten; puppet; wind chimes; twinkle twinkle; stars for children; little mouse; magical
        twinkling; miniature; wizard's shop; potion; gentle chimes; sweet dreams; newborn; crib mobile;
        ghost of a little girl; abandoned nursery; old clock; clockwork; butterflies; candy; cute animals;
        cute cartoon; ice crystals; fairy godmother; angel on the tree; little bells; wonder of a child;
        storybook; toddler; playroom; cuckoo clock; whimsical; enchanting; advent calendar; dollhouse;
        gingerbread; frozen lake with fairies; children's television; baby laughing; playful toys; ice cream
        van""",
}


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(";"))


STYLE_PROMPTS: dict[str, tuple[str, ...]] = {name: _phrases(text) for name, text in _TEXTS.items()}
"""Phrases by the name of the style in `music.styles.STYLES`."""
