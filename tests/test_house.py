"""The house keeps its shape: who may see whom, who may load what, and how long anything may be."""

import ast
import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Floor:
    """Rooms in their order: each may see those before it, and `sees` on the floors below."""

    rooms: tuple[str, ...]
    sees: tuple[str, ...] = ()


def rooms(package, names):
    """Return the full names of a package's rooms."""
    return tuple(f"{package}.{name}" for name in names.split())


GROUND = rooms("service", "errors fashion bounds settings keys logs metrics engine")
IMAGES = rooms(
    "service.images", "colour decode foreground segmenter quality picture photograph fit"
)
SERVED = rooms("service.model", "facts confidence examined candidate live")
MADE = rooms("service.model", "facts confidence examined classifier agreement file export examiner")

FLOORS = (
    Floor(GROUND),
    Floor(
        rooms(
            "service.images",
            "header scans reader modes colour decode border segmenter foreground quality picture "
            "plain photograph fit",
        ),
        sees=GROUND,
    ),
    Floor(
        rooms(
            "service.model",
            "source facts confidence examined candidate classifier agreement container layers file "
            "graph windows export inspection examiner batcher live",
        ),
        sees=GROUND,
    ),
    Floor(
        rooms(
            "service.api",
            "kinds problems schemas form upload reading options answers dependencies docs health "
            "model access admission cors middleware layered openapi predict",
        ),
        sees=GROUND + IMAGES + SERVED,
    ),
    Floor(
        rooms(
            "service",
            "app channel link listeners owner crew departure plan supervisor deadlines transport "
            "limits frugal refusing protocol serving worker __main__",
        ),
        sees=(*GROUND, *SERVED, "service.api.*", "service.model.examiner"),
    ),
    Floor(
        rooms(
            "training",
            "noise config idx download data recipes schedules optimizers configure augment average "
            "batches progress resume looks evaluate strangeness calibration confidence reliability "
            "photographs duplicates cutouts extra likelihood strangers lesson album verdicts "
            "appraisal sheet publish scenes segmenter explore convert verify card fit "
            "compare commands cli __main__",
        ),
        sees=("service.errors", "service.fashion", *IMAGES, *MADE),
    ),
)

MAY_LOAD = {
    "tensorflow": ("service.model.export", "training.*"),
    "keras": ("service.model.export", "service.model.windows", "training.*"),
    "h5py": ("service.model.container", "service.model.file"),
    "ai_edge_litert": ("service.engine", "service.model.graph"),
    "fastapi": ("service.api.*", "service.app", "service.link", "service.serving"),
    "starlette": ("service.api.*", "service.app"),
    "python_multipart": ("service.api.*",),
    "uvicorn": ("service.frugal", "service.protocol", "service.refusing", "service.serving"),
    "sklearn": ("training.*",),
    "matplotlib": ("training.*",),
    "rich": ("training.*",),
    "httpx": (),
    "cv2": ("service.images.foreground", "training.scenes"),
}

READS_ENVIRONMENT = {
    "service.settings": "it is the service's only reader",
    "training.config": "it is the trainer's only reader",
    "service.crew": "it hands the environment on to the workers, with two names more",
    "service.worker": "it tells prometheus-client where several workers count together",
    "service.model.examiner": "the child tells HDF5, BLAS and TensorFlow how to behave in it",
}

NO_MIRROR = {
    "service.errors": "names without code; test_problems goes through all of them",
    "service.bounds": "fields without code; test_settings and test_admission use them",
    "service.limits": "numbers without code; test_protocol goes over each",
    "service.frugal": "the ground of the protocol; test_protocol drives it on raw sockets",
    "service.refusing": "one half of the protocol; test_protocol drives both on raw sockets",
    "service.model.facts": "fields without code; test_file and test_inspection use them",
    "service.images.picture": "fields without code; test_fit and test_photograph use it",
    "service.api.kinds": "a table; test_problems holds errors and docs to it",
    "service.link": "test_swap has workers follow the supervisor through it",
    "service.crew": "test_supervisor starts and kills its workers",
    "service.serving": "test_supervisor has it answer, drain and leave",
    "service.worker": "test_supervisor runs it, as a process, through its whole life",
    "service.api.layered": "test_middleware, test_access and test_cors go in through it",
    "service.api.schemas": "fields without code; test_predict holds the answers to them",
    "service.api.dependencies": "names for what the endpoints take; test_model uses them",
}
"""Modules without a test module of their own, each with the reason."""

NOT_MIRRORS = {
    "tests/service/images/test_reduced.py": "the half of decode that is for photographs",
    "tests/service/images/test_damage.py": "what damaged files do to the whole wing",
    "tests/service/test_swap.py": "what supervisor, owner, link and live do together",
    "tests/training/conftest.py": "what several tests of the trainer use",
    "tests/training/test_official_data.py": "it needs all of the data: FASHION_DATA_DIR",
}
"""Files beside the test modules that test no single module, each with the reason."""

NEVER_LOADED = {
    "service.fashion": "tensorflow keras h5py fastapi starlette uvicorn pydantic",
    "service.images.fit": "cv2 tensorflow keras h5py fastapi starlette uvicorn",
    "service.model.examiner": "tensorflow keras h5py fastapi starlette uvicorn numpy",
    "service.model.inspection": "tensorflow keras fastapi starlette uvicorn",
    "service.model.live": "tensorflow keras h5py fastapi starlette uvicorn",
    "service.app": "cv2 tensorflow keras h5py training",
    "service.serving": "cv2 tensorflow keras h5py training sklearn matplotlib rich",
    "service.worker": "asyncio numpy pydantic prometheus_client fastapi starlette uvicorn",
    "service.__main__": "asyncio numpy pydantic prometheus_client fastapi starlette uvicorn orjson",
    "training.__main__": "tensorflow keras sklearn matplotlib rich fastapi starlette uvicorn",
}

EMPTY_NAMES = {"utils", "util", "common", "core", "helpers", "helper", "misc", "base"}


def files(*folders):
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def module_name(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_name(path): path for path in files("service", "training")}
ROOMS = {name: path for name, path in MODULES.items() if path.name != "__init__.py"}


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


def rooms_seen(path):
    """Return which of our modules a file imports."""
    names = {name if name in MODULES else name.rpartition(".")[0] for name in imports(path)}
    return {name for name in names if name.partition(".")[0] in ("service", "training")}


def allowed(name, patterns):
    return any(
        name == pattern or (pattern.endswith(".*") and name.startswith(pattern[:-1]))
        for pattern in patterns
    )


@pytest.mark.parametrize("floor", FLOORS, ids=lambda floor: floor.rooms[0])
def test_a_room_sees_only_what_lies_below_it(floor):
    wrong = [
        f"{room} may not import {seen}"
        for place, room in enumerate(floor.rooms)
        for seen in sorted(rooms_seen(ROOMS[room]) - {"service"})
        if not allowed(seen, floor.sees + floor.rooms[:place])
    ]

    assert not wrong


def test_every_room_stands_on_one_floor():
    assert sorted(room for floor in FLOORS for room in floor.rooms) == sorted(ROOMS)


def test_a_package_imports_nothing_by_itself():
    for name in MODULES.keys() - ROOMS.keys():
        assert not list(imports(MODULES[name])), f"{name}/__init__.py imports something"


@pytest.mark.parametrize("library", MAY_LOAD)
def test_a_library_is_imported_only_where_it_belongs(library):
    wrong = [
        name
        for name, path in MODULES.items()
        if any(seen.partition(".")[0] == library for seen in imports(path))
        and not allowed(name, MAY_LOAD[library])
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
        for name, path in ROOMS.items()
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


@pytest.mark.parametrize(
    ("folder", "ceiling"),
    [("service", 200), ("training", 200), ("benchmarks", 200), ("deploy", 200), ("tests", 300)],
)
def test_no_file_is_longer_than_its_ceiling(folder, ceiling):
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in files(folder)}

    assert not {path: lines for path, lines in lengths.items() if lines > ceiling}


def test_no_file_has_a_name_that_says_nothing():
    named = [path for path in files("service", "training", "tests") if path.stem in EMPTY_NAMES]

    assert not named


def mirror(name):
    """Return where a module's tests lie: `service.images.decode` in images/test_decode.py."""
    *packages, module = name.split(".")
    return Path("tests", *packages, f"test_{module.strip('_')}.py")


def test_every_module_has_its_test_module_and_the_reverse():
    mirrors = {mirror(name): name for name in ROOMS}
    tests = {path.relative_to(ROOT) for path in files("tests/service", "tests/training")}
    missing = sorted(mirrors[path] for path in mirrors.keys() - tests)
    others = sorted(str(path) for path in tests - mirrors.keys())

    assert missing == sorted(NO_MIRROR), "a module needs its test module, or a reason here"
    assert others == sorted(NOT_MIRRORS), "a test module needs its module, or a reason here"
