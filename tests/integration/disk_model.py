"""What recorded_disk.c recorded, and the folders that a power cut at any moment of it might have left.

A disk keeps what was synced, and of the rest whatever it likes: of bytes old ones, new ones or zeros, page by page; of
names those of before or after, each by itself."""
import dataclasses

PAGE = 4096
WAYS = ("dropped", "zeroed", "torn")


@dataclasses.dataclass
class Entry:
    operation: str
    seconds: float  # of the monotonic clock
    inode: int
    first: int
    second: int
    name: str
    data: bytes
    at: int  # where it stands in the journal


def read_journal(path):
    data, at, entries = path.read_bytes(), 0, []
    while at < len(data):
        end = data.index(b"\n", at)
        operation, time, inode, first, second, name = data[at:end].decode().split(" ")
        count = int(second) if operation == "write" else 0
        entries.append(Entry(operation, int(time) / 1e9, int(inode), int(first), int(second), name,
                             data[end + 1:end + 1 + count], at))
        at = end + 1 + count
    return entries


class File:
    def __init__(self):
        self.live = self.synced = b""
        self.changes = []  # (place in the journal, content after it), since the last sync
        self.writes = []  # of all times: (place in the journal, seconds)
        self.synced_to = -1  # every write before this place in the journal is on the disk

    def change(self, entry, live):
        self.live = live
        self.changes.append((entry.at, live))

    def sync(self, covers):
        for at, content in self.changes:
            if at < covers:
                self.synced = content
        self.changes = [change for change in self.changes if change[0] >= covers]
        self.synced_to = max(self.synced_to, covers)

    def after_cut(self, way, random):
        if way == "dropped" or not self.changes:
            return self.synced
        if way == "zeroed":
            same = 0
            while same < min(len(self.synced), len(self.live)) and self.synced[same] == self.live[same]:
                same += 1
            return self.live[:same] + bytes(len(self.live) - same)
        old = self.synced.ljust(len(self.live), b"\0")
        out = b""
        for begin in range(0, len(self.live), PAGE):
            end = min(begin + PAGE, len(self.live))
            cut = random.choice((begin, end, random.randint(begin, end)))
            out += self.live[begin:cut] + old[cut:end]
        shortest = min(len(self.synced), len(self.live))
        return out[:random.choice((len(out), random.randint(shortest, len(out))))]


class Disk:
    """The folder after a number of entries."""

    def __init__(self):
        self.files = {}  # inode -> File; a new file under an old number takes its place
        self.names = {}  # name -> File
        self.synced_names = {}
        self.name_changes = []  # since the last sync: (place in the journal, name, File or None)

    def apply(self, entry):
        getattr(self, entry.operation)(entry)

    def rename_to(self, entry, name, file):
        if file is None:
            self.names.pop(name, None)
        else:
            self.names[name] = file
        self.name_changes.append((entry.at, name, file))

    def create(self, entry):
        self.files[entry.inode] = File()
        self.rename_to(entry, entry.name, self.files[entry.inode])

    def write(self, entry):
        file = self.files[entry.inode]
        live = file.live.ljust(entry.first, b"\0")
        file.change(entry, live[:entry.first] + entry.data + live[entry.first + len(entry.data):])
        file.writes.append((entry.at, entry.seconds))

    def truncate(self, entry):
        file = self.files[entry.inode]
        file.change(entry, file.live[:entry.first].ljust(entry.first, b"\0"))

    def sync(self, entry):
        self.files[entry.inode].sync(entry.second)

    def names_synced(self, entry):
        for at, name, file in self.name_changes:
            if at < entry.second and file is None:
                self.synced_names.pop(name, None)
            elif at < entry.second:
                self.synced_names[name] = file
        self.name_changes = [change for change in self.name_changes if change[0] >= entry.second]

    def unlink(self, entry):
        self.rename_to(entry, entry.name, None)

    def rename(self, entry):
        before, after = entry.name.split("/")
        file = self.names[before]
        self.rename_to(entry, after, file)
        self.rename_to(entry, before, None)

    def cut(self, way, random):
        """{name: content} as a power cut may leave it."""
        names = dict(self.synced_names)
        for _, name, file in self.name_changes:
            if way == "dropped" or (way == "torn" and random.random() < 0.5):
                continue
            names.pop(name, None)
            if file is not None:
                names[name] = file
        return {name: file.after_cut(way, random) for name, file in names.items()}

    def unsafe_writes(self, suffix):
        """The times of writes that a cut may take, to files that are still wanted."""
        for name, file in self.names.items():
            if name.endswith(suffix):
                named = self.synced_names.get(name) is file
                yield from (seconds for at, seconds in file.writes if not named or at >= file.synced_to)


def set_up(folder, files):
    """Makes the folder with these files."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
