"""An empty environment outside the repository, and Jackfield in it from wheels alone: what the wheels declare must be enough."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
LOCK = ROOT / "requirements" / "dev.txt"
UV = Path(sys.executable).with_name("uv")


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment with core, and the wheels that can be put beside it."""

    folder: Path
    wheels: Path

    @property
    def python(self) -> str:
        return str(self.folder / "bin" / "python")

    def install(self, *names: str) -> None:
        """Install distributions from their wheels, without anything that they depend on."""
        self._uv("install", "--no-deps", *(str(wheel_of(self.wheels, name)) for name in names))

    def uninstall(self, *names: str) -> None:
        """Uninstall distributions."""
        self._uv("uninstall", *names)

    def install_locked(self, names: Sequence[str]) -> None:
        """Install distributions as the lock pins them, by their hashes; from uv's cache, or else from the registry."""
        pins = self.folder / "pins.txt"
        pins.write_text(_pins(names))
        arguments = ("install", "--no-deps", "--require-hashes", "-r", str(pins))
        try:
            self._uv(*arguments, "--offline")
        except subprocess.CalledProcessError:
            self._uv(*arguments)

    def run(self, *arguments: str, **environment: str) -> str:
        """Run the command `jackfield`; returns what it prints."""
        return self.run_python("-m", "jackfield.cli.main", *arguments, **environment)

    def run_python(self, *arguments: str, **environment: str) -> str:
        """Run Python without anything of the caller's environment."""
        done = subprocess.run([self.python, *arguments], env=environment, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise AssertionError(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _uv(self, action: str, *arguments: str) -> None:
        subprocess.run([UV, "pip", action, "-q", "--python", self.python, *arguments], check=True, capture_output=True)


def build_wheels(folder: Path) -> Path:
    """Build what `make dist` builds."""
    subprocess.run(["make", "-C", ROOT, "wheels", f"DIST={folder}"], check=True, capture_output=True)
    return folder


def empty_environment(folder: Path, wheels: Path) -> Environment:
    """Make a virtual environment that holds core, the SDK and what their wheels say they need."""
    subprocess.run([UV, "venv", "-q", "--offline", "--python", sys.executable, folder], check=True)
    environment = Environment(folder, wheels)
    environment.install("jackfield", "jackfield-sdk")
    needed = [*requirements_of(wheels, "jackfield"), *requirements_of(wheels, "jackfield-sdk")]
    environment.install_locked(sorted(set(_closure(needed))))
    return environment


def wheel_of(wheels: Path, name: str) -> Path:
    """Return the wheel of a distribution."""
    (wheel,) = wheels.glob(f"{name.replace('-', '_')}-[0-9]*.whl")
    return wheel


def requirements_of(wheels: Path, name: str) -> list[Requirement]:
    """Return what a wheel depends on, without extras."""
    with zipfile.ZipFile(wheel_of(wheels, name)) as wheel:
        metadata = message_from_bytes(wheel.read(next(entry for entry in wheel.namelist() if entry.endswith(".dist-info/METADATA"))))
    found = [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]
    return [requirement for requirement in found if _applies(requirement, "")]


def _closure(requirements: Sequence[Requirement]) -> Iterator[str]:
    """Yield the names of everything that is needed, from what the packages of the lock, installed here, say of themselves."""
    waiting, seen = list(requirements), set[tuple[str, str]]()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name.startswith("jackfield"):
            continue
        yield name
        for extra in ("", *requirement.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += [below for text in requires(name) or () if _applies(below := Requirement(text), extra)]


def _applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _pins(names: Sequence[str]) -> str:
    entries = re.split(r"\n(?=\S)", LOCK.read_text().strip())  # one package may have several, each for other versions of Python
    wanted = {canonicalize_name(name) for name in names}
    return "\n".join(entry for entry in entries if canonicalize_name(re.split(r"[=<>\[ ]", entry)[0]) in wanted)
