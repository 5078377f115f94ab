"""Images made without a registry: the same bytes each time, and what is in them."""

import io
import json
import tarfile

from packing.layers import Layer, archive

from packing import podium


def a_layer(*paths):
    layer = Layer()
    for path in paths:
        layer.file(path, path.encode(), 0o755)
    return layer


def names(content):
    with tarfile.open(fileobj=io.BytesIO(content)) as opened:
        return opened.getnames()


def test_the_order_of_making_does_not_show():
    assert a_layer("a", "b").tar() == a_layer("b", "a").tar()


def test_a_hard_link_comes_after_its_target():
    layer = a_layer("z")
    layer.hard_link("a", "z")
    assert names(layer.tar()) == ["z", "a"]


def test_an_image_names_its_layers_from_the_lowest():
    lower, upper = a_layer("a").tar(), a_layer("b").tar()
    made = archive("podium/x:1", [lower, upper], {"Cmd": ["/a"], "Env": ["A=b"]})
    with tarfile.open(fileobj=io.BytesIO(made)) as opened:
        [manifest] = json.load(opened.extractfile("manifest.json"))
        config = json.load(opened.extractfile(manifest["Config"]))
        assert [opened.extractfile(layer).read() for layer in manifest["Layers"]] == [lower, upper]
    assert manifest["RepoTags"] == ["podium/x:1"]
    assert config["config"]["Cmd"] == ["/a"]
    assert [line.split("=")[0] for line in config["config"]["Env"]] == ["PATH", "A"]


def test_podiums_image_takes_from_the_lock_what_it_runs_on_and_nothing_for_tests():
    locked = {line.split("==")[0] for line in podium.locked().splitlines() if not line.startswith(" ")}
    assert {"botocore", "uvicorn", "jmespath", "click"} <= locked
    assert locked.isdisjoint({"awscli", "pytest", "psycopg", "docutils"})
    assert "--hash=sha256:" in podium.locked()
