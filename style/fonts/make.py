"""Cuts the two typefaces to what the shop shows, and measures fallbacks against them.

Called by `make` beside this file: `make.py NODE_MODULES REPOSITORY`.
"""

import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

# Latin-1 whole, for names of people and places; then what Spanish and English typesetting needs.
# № ≈ ¼ ▾ are in neither typeface and come from the system.
CHARACTERS = (
    "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)]))
    + "ŒœŸŠšŽž‘’‚“”„†•…–—‹›€™−→←№≈▾⁄ \u202f"
)
# What the width of a line of running text is measured with.
SAMPLE = (
    "Veintiuna mujeres de las comunidades mineras de Puno hacen estas piezas. En cada una ves "
    "quién la hizo, de qué mina salió el metal y cómo se reparte lo que pagas. "
    "Twenty-one women of the mining communities make these pieces, and each page says who."
)

FONTS = [
    {
        "family": "Fraunces",
        "source": "fraunces/files/fraunces-latin-full-normal.woff2",
        "licence": "fraunces/LICENSE",
        "name": "fraunces",
        # The optical size of a heading of 20 to 50 px; no softness, no leaning n; one weight, for
        # nothing in the shop sets this face in two, and the axis weighs 15 kB.
        "axes": {"opsz": 18, "SOFT": 0, "WONK": 0, "wght": 390},
        "weights": "300 600",
        "features": ["kern", "liga", "mark", "mkmk", "ccmp", "locl", "rvrn"],
        "fallbacks": [("Noto Serif", ["Noto Serif"]), ("Georgia", ["Georgia"])],
    },
    {
        "family": "Instrument Sans",
        "source": "instrument-sans/files/instrument-sans-latin-wght-normal.woff2",
        "licence": "instrument-sans/LICENSE",
        "name": "instrument-sans",
        "axes": {"wght": (400, 400, 600)},
        "weights": "400 600",
        "features": ["kern", "liga", "mark", "mkmk", "ccmp", "locl", "tnum"],
        "fallbacks": [("Roboto", ["Roboto"]), ("Arial", ["Arial", "Liberation Sans"])],
    },
]

# Average width of a character in ems, over one English text (@capsizecss/metrics 4.3.0).
PUBLISHED_WIDTHS = {
    "Fraunces": 938 / 2000,
    "Instrument Sans": 458 / 1000,
    "Noto Serif": 481 / 1000,
    "Georgia": 913 / 2048,
    "Roboto": 911 / 2048,
    "Arial": 913 / 2048,
}

HEADER = """\
/* Made by style/fonts/make: do not edit.
   The fallbacks are stretched to the typefaces' own widths and heights, so nothing moves when
   those arrive. Of several faces of one name a browser takes the last that the system has. */
"""


def cut(font, modules, repository):
    """Limits the axes and the characters; returns the font and what it weighs."""
    face = TTFont(modules / "@fontsource-variable" / font["source"])
    face = instancer.instantiateVariableFont(face, font["axes"], updateFontNames=False)
    options = subset.Options()
    options.layout_features = font["features"]
    options.flavor = "woff2"
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    cutter = subset.Subsetter(options)
    cutter.populate(text=CHARACTERS)
    cutter.subset(face)
    target = repository / "public/fonts" / f"{font['name']}.woff2"
    target.parent.mkdir(parents=True, exist_ok=True)
    subset.save_font(face, str(target), options)
    shutil.copyfile(
        modules / "@fontsource-variable" / font["licence"],
        target.with_name(f"{font['name']}-OFL.txt"),
    )
    return face, target.stat().st_size


def average_width(face):
    """Of the sample's characters, in ems, at the default weight."""
    characters, widths = face.getBestCmap(), face["hmtx"]
    total = sum(widths[characters[ord(character)]][0] for character in SAMPLE)
    return total / len(SAMPLE) / face["head"].unitsPerEm


def percent(value):
    return f"{value * 100:.2f}%"


def fallback(font, face, name, locals_):
    """An @font-face that makes a system font take the room of ours."""
    # Published averages are over another text: ours are compared by what the two texts give
    # for our own typeface.
    text_ratio = font["width_at_defaults"] / PUBLISHED_WIDTHS[font["family"]]
    system_width = PUBLISHED_WIDTHS[name] * text_ratio
    size = average_width(face) / system_width
    sources = ", ".join(f'local("{each}")' for each in locals_)
    units, line = face["head"].unitsPerEm, face["hhea"]
    return (
        "@font-face {\n"
        f'  font-family: "{font["family"]} fallback";\n'
        f"  src: {sources};\n"
        f"  size-adjust: {percent(size)};\n"
        f"  ascent-override: {percent(line.ascent / units / size)};\n"
        f"  descent-override: {percent(-line.descent / units / size)};\n"
        f"  line-gap-override: {percent(line.lineGap / units / size)};\n"
        "}\n"
    )


def as_published(font, modules):
    """Average width of the typeface at the axes whose metrics are published (the defaults)."""
    face = TTFont(modules / "@fontsource-variable" / font["source"])
    axes = {axis.axisTag for axis in face["fvar"].axes}
    published = {"opsz": 14, "SOFT": 0, "WONK": 0, "wght": 400}
    axes = {tag: value for tag, value in published.items() if tag in axes}
    return average_width(instancer.instantiateVariableFont(face, axes, updateFontNames=False))


def main():
    modules, repository = Path(sys.argv[1]), Path(sys.argv[2])
    css, total = HEADER, 0
    for font in FONTS:
        face, size = cut(font, modules, repository)
        font["width_at_defaults"] = as_published(font, modules)
        total += size
        print(f"{font['name']}.woff2 {size} B")
        for name, locals_ in font["fallbacks"]:
            css += fallback(font, face, name, locals_)
        css += (
            "@font-face {\n"
            f'  font-family: "{font["family"]}";\n'
            f'  src: url("/fonts/{font["name"]}.woff2") format("woff2");\n'
            f"  font-weight: {font['weights']};\n"
            "  font-display: swap;\n"
            "}\n"
        )
    (repository / "style/fonts.css").write_text(css)
    print(f"together {total} B")
    if total > 60_000:
        sys.exit("More than 60 kB of fonts.")


main()
