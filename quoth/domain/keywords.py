"""Which of the words to expect a recogniser's vocabulary can write, and how."""

from collections.abc import Collection, Sequence


def writable(keywords: Sequence[str], letters: Collection[str]) -> tuple[str, ...]:
    """Return the keywords that can be written with some letters, each once, in their order.

    White space becomes single spaces. A keyword is taken as it is or, where the letters are all
    small, in small letters; one that cannot be written either way is left out.

    Args:
        keywords: words and phrases as they were given.
        letters: the characters that the tokens of a model are made of, without spaces.
    """
    found: dict[str, None] = {}
    for keyword in keywords:
        plain = " ".join(keyword.split())
        forms = (form for form in (plain, plain.lower()) if set(form) - {" "} <= set(letters))
        if plain and (form := next(forms, None)):
            found[form] = None
    return tuple(found)
