//! English words that are a letter away from a verb, and so are no slip of it.

const REAL_WORDS: &str = "acknowledges acton affect alert arise asks auction auctions awake award bask boing bold \
    braise bride bridged bridger bridges bridget bridle cancel cask casks cation chancel chanel \
    channels chose chosen clone closed closer closes closet clove clover coder cold combs comer \
    comes comm comma commanded commanders commands commas compact comps connect corrects cote \
    cove coven covers covert covet declared declarer declares ding dist dole dong doping dosing \
    dove dover downgraded duplicated duplicates dying effected effects exert expect experts \
    export fester filed fined fired fist fixer fixes fold foles fridge gist glide going gold \
    gove guided guides guile heap held hell helm helps hemp hold hole holes hove hover \
    identifier identifies impacts impart kelp knew knob knot known knows knox last lest lift \
    lint lisp lists lose lost love lover lunch lust mask masks mist mixed mode mold mole moles \
    more moved mover moves movie nested news newt next nixed node nome none nope nose noted \
    notes omen opens oven over overrides oxen pole poles praise preview primacy public punish \
    question raine raised raiser raises react reactions reductions released releases remove \
    removed renamed reopens resolver resolves rested reviews revolve revolved ridge rise robe \
    rode rolex roll rolls rome rope ropes rose roses rote rove rover rule rules sats scribes \
    seats serve shen slap slats smart snap snow soap sold sole soles stand star stare stark \
    stars starts stat state states statistic statue statues stays swab swag swam swamp swan \
    swaps swat sway tack tacks talk talks tank tanks tart tasted taster tats testers testes \
    texted then tile tilt timelines tithe titled titles toad toed toll tote tusk tusks uncovers \
    unto updated updates upgraded upgrades upstate vested view vote ware welp whew whey \
    withdrawn withdraws withdrew woking wold wording workings yelp";

/// True if a word in lower case is one of them.
pub(crate) fn is_real_word(word: &str) -> bool {
    REAL_WORDS.split_whitespace().any(|known| known == word)
}
