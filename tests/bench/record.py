#!/usr/bin/env python3
"""Makes the recording that the table's sizes are measured with: a real exporter's pages, one behind the other, each ended
by a line "# EOF", compressed with xz.

  record.py URL [--every 15] [--for 7200]      asks a live exporter
  record.py FOLDER                             takes pages that are there already: *.prom.gz, in the order of their names

Without --to it writes pages.xz beside this file. --thin 2 keeps every second page.
"""
import argparse
import gzip
import lzma
import pathlib
import sys
import time
import urllib.request

END = "# EOF\n"
HERE = pathlib.Path(__file__).parent
STRONGEST = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 26}]


def live(url, every, seconds):
    begin = time.monotonic()
    for number in range(int(seconds / every) + 1):
        time.sleep(max(0, begin + number * every - time.monotonic()))
        with urllib.request.urlopen(url, timeout=every) as answer:
            yield answer.read().decode()


def stored(folder):
    for path in sorted(folder.glob("*.prom.gz")):
        try:
            yield gzip.decompress(path.read_bytes()).decode()
        except EOFError:  # the newest one, while it is being written
            print(f"{path.name} is not whole: left out", file=sys.stderr)


def pages(path=HERE / "pages.xz"):
    """The pages of a recording."""
    return lzma.decompress(path.read_bytes()).decode().split(END)[:-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="an exporter's URL, or a folder")
    parser.add_argument("--every", type=float, default=15, metavar="SECONDS")
    parser.add_argument("--for", type=float, default=7200, metavar="SECONDS", dest="seconds")
    parser.add_argument("--thin", type=int, default=1, metavar="N")
    parser.add_argument("--to", type=pathlib.Path, default=HERE / "pages.xz", metavar="FILE")
    wanted = parser.parse_args()
    is_url = "://" in wanted.source
    source = live(wanted.source, wanted.every, wanted.seconds) if is_url else stored(pathlib.Path(wanted.source))
    found = [page for number, page in enumerate(source) if number % wanted.thin == 0]
    if not found or not all(page.endswith("\n") for page in found):
        sys.exit(f"{wanted.source}: no pages, or one that is cut off")
    packed = lzma.compress("".join(page + END for page in found).encode(), format=lzma.FORMAT_XZ, filters=STRONGEST)
    wanted.to.write_bytes(packed)
    print(f"{wanted.to}: {len(found)} pages, {len(packed)} bytes")


if __name__ == "__main__":
    main()
