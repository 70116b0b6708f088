"""The layout keeps its shape: what each module may import, and how long anything may be."""

import ast
import json
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

GROUND = ("service.errors", "service.logs", "service.litert", "service.fashion_mnist")
"""What every module may import."""

MAY_SEE = {
    **dict.fromkeys(GROUND, ()),
    "service.metrics": (),
    "service.config": (),
    "service.images": (),
    "service.model": (),
    "service.model_file": ("service.model",),
    "service.connection": ("service.config",),
    "service.api": ("service.config", "service.images", "service.metrics", "service.model"),
    "service.processes": (
        *("service.api", "service.config", "service.connection", "service.metrics"),
        *("service.model", "service.model_file.examiner"),
    ),
    "service.__main__": ("service.config", "service.processes"),
    "training.progress": (),
    "training.options": (),
    "training.data": (),
    "training.predict": ("service.model", "service.model_file.export"),
    "training.confidence": (
        *("service.images", "service.model", "training.data", "training.predict"),
    ),
    "training.publish": (
        *("service.model", "service.model_file", "training.confidence.mahalanobis"),
    ),
    "training.photographs": (
        *("service.images", "training.data", "training.predict", "training.progress"),
    ),
    "training.evaluation": (
        *("service.images", "service.model", "service.model_file", "training.confidence"),
        *("training.data", "training.options", "training.photographs", "training.predict"),
        "training.progress",
    ),
    "training.fitting": (
        *("service.model", "service.model_file.export", "training.confidence", "training.data"),
        *("training.evaluation.evaluate", "training.options", "training.photographs"),
        *("training.predict", "training.progress", "training.publish"),
    ),
    "training.segmenter": (
        *("service.images", "training.photographs", "training.progress", "training.publish"),
    ),
    "training.commands": ("service.model", "service.model_file.examiner", "training"),
    "training.cli": ("training.commands", "training.options"),
    "training.__main__": ("training.cli",),
}
"""What each package or module may import besides itself and the ground."""

MAY_LOAD = {
    "tensorflow": ("service.model_file.export", "training"),
    "keras": ("service.model_file.export", "training"),
    "h5py": ("service.model_file.hdf5_rules", "service.model_file.hdf5"),
    "ai_edge_litert": ("service.litert", "service.model_file.graph_rules"),
    "fastapi": ("service.api", "service.processes.supervisor_link", "service.processes.server"),
    "starlette": ("service.api",),
    "python_multipart": ("service.api.predict",),
    "uvicorn": ("service.connection", "service.processes.server"),
    "sklearn": ("training",),
    "matplotlib": ("training",),
    "rich": ("training",),
    "httpx": (),
    "cv2": ("service.images.photograph.foreground", "training.segmenter.copy_paste"),
}

READS_ENVIRONMENT = {
    "service.config.settings": "it is the service's only reader",
    "training.options.config": "it is the trainer's only reader",
    "service.processes.worker_process": "it hands the environment on, with two names more",
    "service.processes.worker": "it tells prometheus-client where several workers count together",
    "service.model_file.examiner": "the child tells HDF5, BLAS and TensorFlow how to behave in it",
}

NO_MIRROR = {
    "service.errors": "the sentences; test_problems renders all of them",
    "service.model.facts": "fields without code; test_hdf5 and test_checks use them",
    "service.model.file_status": "fields without code; test_model_watcher uses them",
    "service.images.picture": "fields without code; test_read and test_to_28x28 use it",
    "service.api.problem_types": "a table; test_problems holds errors and docs to it",
    "service.api.schemas": "fields without code; test_endpoints holds the answers to them",
    "service.api.dependencies": "names for what the endpoints take; test_model uses them",
    "service.processes.messages": "names without code; test_swap has them all sent",
    "service.processes.supervisor_link": "test_swap has workers follow the supervisor through it",
    "service.processes.worker_process": "test_supervisor starts and kills its workers",
    "service.processes.server": "test_supervisor has it answer, drain and leave",
    "service.processes.worker": "test_supervisor runs it, as a process, through its whole life",
}
"""Modules without a test module of their own, each with the reason."""

NOT_MIRRORS = {
    "tests/service/images/files/test_reduced.py": "the half of decode that is for photographs",
    "tests/service/images/files/test_damage.py": "what damaged files do to the whole folder",
    "tests/service/processes/test_swap.py": "supervisor, watcher, link and live model together",
    "tests/training/conftest.py": "what several tests of the trainer use",
    "tests/training/data/test_official_data.py": "it needs all of the data: FASHION_DATA_DIR",
}
"""Files beside the test modules that test no single module, each with the reason."""

NEVER_LOADED = {
    "service.fashion_mnist": "tensorflow keras h5py fastapi starlette uvicorn pydantic",
    "service.images.read": "cv2 tensorflow keras h5py fastapi starlette uvicorn",
    "service.model_file.examiner": "tensorflow keras h5py fastapi starlette uvicorn numpy",
    "service.model_file.checks": "tensorflow keras fastapi starlette uvicorn",
    "service.config.keys": "numpy prometheus_client fastapi starlette uvicorn",
    "service.model.live": "tensorflow keras h5py fastapi starlette uvicorn",
    "service.api.app": "cv2 tensorflow keras h5py training",
    "service.processes.server": "cv2 tensorflow keras h5py training sklearn matplotlib rich",
    "service.processes.worker": "asyncio numpy pydantic fastapi starlette uvicorn",
    "service.__main__": "asyncio numpy pydantic prometheus_client fastapi starlette uvicorn",
    "training.__main__": "tensorflow keras sklearn matplotlib rich fastapi starlette uvicorn",
}

MAY_BE_LONG = {
    "service/config/settings.py": "one table of settings",
    "service/connection/protocol.py": "one class, the protocol of a connection",
}
"""Tables and class hierarchies, which are not cut in two by their length, each with the reason."""

EMPTY_NAMES = {"utils", "util", "common", "core", "helpers", "helper", "misc", "base"}


def files(*folders):
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def module_name(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_name(path): path for path in files("service", "training")}
FILES = {name: path for name, path in MODULES.items() if path.name != "__init__.py"}


@cache
def tree(path):
    return ast.parse(path.read_text(), str(path))


def imports(path):
    """Yield what a file imports, inside its functions too: the module, or the name in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} line {node.lineno}: imports are written in full here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(path):
    """Return which of our modules a file imports."""
    names = {name if name in MODULES else name.rpartition(".")[0] for name in imports(path)}
    return {name for name in names if name.partition(".")[0] in ("service", "training")}


def within(name, places):
    """Tell whether a module is one of the places, or lies in one that is a folder."""
    return any(name == place or name.startswith(place + ".") for place in places)


def place_of(name):
    """Return the folder or file of the table that a module belongs to."""
    return next((place for place in MAY_SEE if within(name, (place,))), None)


@pytest.mark.parametrize("module", FILES)
def test_a_module_imports_only_what_its_package_may(module):
    place = place_of(module)
    assert place, f"{module} is missing from MAY_SEE"
    wrong = [
        seen
        for seen in sorted(own_imports(FILES[module]) - {"service"})
        if not within(seen, (place, *MAY_SEE[place], *GROUND))
    ]

    assert not wrong, f"{module} may not import {', '.join(wrong)}"


def test_no_import_is_circular():
    seen = {module: own_imports(path) & FILES.keys() for module, path in FILES.items()}

    assert set(TopologicalSorter(seen).static_order()) == FILES.keys()  # fails on a circle


def test_a_package_imports_nothing_by_itself():
    for name in MODULES.keys() - FILES.keys():
        assert not list(imports(MODULES[name])), f"{name}/__init__.py imports something"


@pytest.mark.parametrize("library", MAY_LOAD)
def test_a_library_is_imported_only_where_it_belongs(library):
    wrong = [
        name
        for name, path in MODULES.items()
        if any(seen.partition(".")[0] == library for seen in imports(path))
        and not within(name, MAY_LOAD[library])
    ]

    assert not wrong, f"{library} is not for {', '.join(wrong)}"


def test_the_tests_name_their_http_client_in_one_module():
    users = [path.name for path in files("tests") if "httpx" in imports(path)]

    assert users == ["server.py"]


@pytest.mark.parametrize("module", NEVER_LOADED)
def test_importing_a_module_loads_nothing_heavy(module):
    program = f"import json, sys, {module}; print(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    heavy = sorted(loaded & set(NEVER_LOADED[module].split()))

    assert not heavy


def test_the_environment_is_read_in_few_places_each_with_its_reason():
    names = {"environ", "environb", "getenv", "putenv"}
    readers = {
        name
        for name, path in FILES.items()
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Attribute) and node.attr in names)
        or (isinstance(node, ast.ImportFrom) and {alias.name for alias in node.names} & names)
    }

    assert sorted(readers) == sorted(READS_ENVIRONMENT)


def test_no_function_is_longer_than_40_lines():
    long = [
        f"{path.relative_to(ROOT)}: {node.name} has {node.end_lineno - node.lineno + 1}"
        for path in files("service", "training", "tests", "benchmarks", "deploy")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno >= 40
    ]

    assert not long


@pytest.mark.parametrize("folder", ["service", "training", "benchmarks", "deploy", "tests"])
def test_a_file_over_200_lines_is_a_table_or_a_class_hierarchy(folder):
    ceiling = 300 if folder == "tests" else 200
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files(folder)
    }
    long = {path for path, lines in lengths.items() if lines > ceiling}

    assert long == {path for path in MAY_BE_LONG if path.startswith(folder)}


def test_no_file_has_a_name_that_says_nothing():
    named = [path for path in files("service", "training", "tests") if path.stem in EMPTY_NAMES]

    assert not named


def mirror(name):
    """Return where a module's tests lie: `service.images.files.decode` in images/test_decode.py."""
    *packages, module = name.split(".")
    return Path("tests", *packages, f"test_{module.strip('_')}.py")


def test_every_module_has_its_test_module_and_the_reverse():
    mirrors = {mirror(name): name for name in FILES}
    tests = {path.relative_to(ROOT) for path in files("tests/service", "tests/training")}
    missing = sorted(mirrors[path] for path in mirrors.keys() - tests)
    others = sorted(str(path) for path in tests - mirrors.keys())

    assert missing == sorted(NO_MIRROR), "a module needs its test module, or a reason here"
    assert others == sorted(NOT_MIRRORS), "a test module needs its module, or a reason here"
