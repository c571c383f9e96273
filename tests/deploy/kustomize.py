"""As much of `kubectl kustomize` as deploy/kubernetes uses, strict: a key, an operation or a target that is not known is an error.
What it yields is held against the real one where kubectl is installed (test_kubernetes.py)."""
import pathlib

import yaml

KNOWN = {"apiVersion", "kind", "namespace", "resources", "components", "patches", "images", "configMapGenerator"}
CLUSTER_WIDE = {"Namespace", "ClusterRole", "ClusterRoleBinding"}


class Wrong(Exception):
    pass


def load_file(path):
    """The objects of a file; YAML with a key twice is refused."""

    class Strict(yaml.SafeLoader):
        def construct_mapping(self, node, deep=False):
            keys = [self.construct_object(key, deep=True) for key, _ in node.value]
            twice = {key for key in keys if keys.count(key) > 1}
            if twice:
                raise Wrong(f"{path}: twice in one mapping: {twice}")
            return super().construct_mapping(node, deep)

    with open(path) as text:
        return [document for document in yaml.load_all(text, Strict) if document is not None]


def resolve(document, pointer, path):
    """Where a JSON pointer leads: (container, last step)."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    at = document
    for step in steps[:-1]:
        try:
            at = at[int(step)] if isinstance(at, list) else at[step]
        except (KeyError, IndexError, ValueError) as error:
            raise Wrong(f"{path}: {pointer} leads nowhere at {error}") from None
    return at, steps[-1]


def apply(document, operations, path):
    for operation in operations:
        container, step = resolve(document, operation["path"], path)
        if operation["op"] not in ("add", "replace"):
            raise Wrong(f"{path}: operation {operation['op']}")
        if isinstance(container, list):
            if step == "-" and operation["op"] == "add":
                container.append(operation["value"])
            else:
                container[int(step)] = operation["value"]
        else:
            if operation["op"] == "replace" and step not in container:
                raise Wrong(f"{path}: nothing to replace at {operation['path']}")
            container[step] = operation["value"]


def build(folder, objects=None):
    """The objects that `kubectl kustomize folder` prints, in no particular order; `objects` is what a component is applied to."""
    folder = pathlib.Path(folder).resolve()
    path = folder / "kustomization.yaml"
    (settings,) = load_file(path)
    if unknown := set(settings) - KNOWN:
        raise Wrong(f"{path}: unknown {unknown}")
    objects = objects if objects is not None else []
    for name in settings.get("resources", []):
        target = folder / name
        objects += build(target) if target.is_dir() else load_file(target)
    for generator in settings.get("configMapGenerator", []):
        data = {name: (folder / name).read_text() for name in generator["files"]}
        objects.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generator["name"]}, "data": data})
    for name in settings.get("components", []):
        build(folder / name, objects)
    for patch in settings.get("patches", []):
        chosen = [o for o in objects if o["kind"] == patch["target"]["kind"] and o["metadata"]["name"] == patch["target"]["name"]]
        if len(chosen) != 1:
            raise Wrong(f"{path}: {len(chosen)} objects for {patch['target']}")
        apply(chosen[0], yaml.safe_load(patch["patch"]), path)
    for thing in objects:
        if "namespace" in settings and thing["kind"] not in CLUSTER_WIDE:
            thing["metadata"]["namespace"] = settings["namespace"]
    names = [(o["kind"], o["metadata"].get("namespace"), o["metadata"]["name"]) for o in objects]
    if len(names) != len(set(names)):
        raise Wrong(f"{path}: an object twice: {names}")
    return objects
