"""The fault suite must notice when a part that keeps the forwarder's word is taken out: each mutation here is made in a copy
of the sources and built, and the tests that guard that part, which pass without it, must fail.

Run it by hand:  python3 tests/mutations/run.py --build build/mutations [name …]
"""
import argparse
import dataclasses
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOG = "forwarder/sample_log/"


@dataclasses.dataclass
class Mutation:
    name: str
    file: str
    text: str  # stands there exactly once
    instead: str
    test: str  # of tests/integration, as unittest names it


MUTATIONS = (
    Mutation("fsync", LOG + "folder.cpp",
             'if (::fdatasync(file_) != 0) return error_of("sync", path_);', "",
             "test_power_cut.py PowerCut.test_no_moment_is_a_bad_one"),
    Mutation("crc", LOG + "segment.cpp",
             "if (crc32c(buffer_) != sum) return {};", "static_cast<void>(sum);",
             "test_damage.py"),
    Mutation("cursor", LOG + "store.cpp",
             "static_cast<void>(cursors_.save(places));", "static_cast<void>(places);",
             "test_kills.py"),
    Mutation("bisect", "forwarder/delivery/rules.cpp",
             "bool done = sent.alone || sent.series_known > limits_.known_together;", "bool done = sent.samples > 0;",
             "test_rules.py Refusals.test_a_bad_series_is_set_aside_and_everything_else_arrives_once"),
)


class Copy:
    """The sources, copied to a folder of their own and built there."""

    def __init__(self, folder):
        self.sources, self.build = folder / "sources", folder / "build"
        folder.mkdir(parents=True, exist_ok=True)
        for part in ("CMakeLists.txt", "common", "exporters", "forwarder", "tests/integration"):
            self.restore(part)

    def restore(self, part):
        """As it is in the repository; what is the same keeps its time, so that it is not built again."""
        whole = ROOT / part
        for path in [whole] if whole.is_file() else whole.rglob("*"):
            if path.is_dir() or "__pycache__" in path.parts:
                continue
            copy = self.sources / path.relative_to(ROOT)
            if copy.is_file() and copy.read_bytes() == path.read_bytes():
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)

    def mutate(self, mutation):
        path = self.sources / mutation.file
        text = path.read_text()
        if text.count(mutation.text) != 1:
            sys.exit(f"{mutation.name}: in {mutation.file} this stands {text.count(mutation.text)} times, not once: "
                     f"{mutation.text}\nThe code has changed: name here what is to be taken out now.")
        path.write_text(text.replace(mutation.text, mutation.instead))

    def compile(self):
        for command in (["cmake", "-S", self.sources, "-B", self.build, "-G", "Ninja", "-DPIFLEET_TESTS=OFF"],
                        ["cmake", "--build", self.build, "--target", "pifleet-forwarder"]):
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            if done.returncode != 0:
                sys.exit(done.stdout)

    def passes(self, test, log):
        name, *selected = test.split()
        with open(log, "wb") as out:
            done = subprocess.run([sys.executable, self.sources / "tests/integration" / name, "--bin", self.build / "bin",
                                   *selected], stdout=out, stderr=out, timeout=600, check=False)
        if done.returncode == 77:
            sys.exit(f"{test} was skipped; see {log}")
        return done.returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("names", nargs="*", help="of mutations; all, if none is named")
    arguments = parser.parse_args()
    wanted = [m for m in MUTATIONS if not arguments.names or m.name in arguments.names]
    copy, unnoticed = Copy(arguments.build.resolve()), []
    for mutation in wanted:
        began = time.monotonic()
        log = arguments.build.resolve() / f"{mutation.name}.log"
        copy.compile()
        if not copy.passes(mutation.test, log):
            sys.exit(f"{mutation.test} fails without a mutation; see {log}")
        copy.mutate(mutation)
        copy.compile()
        noticed = not copy.passes(mutation.test, log)
        copy.restore(mutation.file)
        print(f"{mutation.name}: {'noticed by' if noticed else 'NOT NOTICED by'} {mutation.test}, "
              f"{time.monotonic() - began:.0f} s, {log}", flush=True)
        unnoticed += [] if noticed else [mutation.name]
    sys.exit(1 if unnoticed else 0)


if __name__ == "__main__":
    main()
