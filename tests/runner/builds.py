"""What is built, and with what."""

import hashlib
import os
import shutil

from runner.paths import BUILD, CHECKED, LOGS, ROOT, TESTS
from runner.processes import need, run


def environment():
    """The same on a desktop as on a server: no display, no sound, unless a test starts its own."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "PULSE_SERVER", "XDG_RUNTIME_DIR"):
        os.environ.pop(name, None)
    os.environ["PATH"] = "/usr/lib/ccache:" + os.environ["PATH"]
    # What one clone has compiled another one finds.
    os.environ.setdefault("CCACHE_BASEDIR", str(ROOT))
    os.environ.setdefault("CCACHE_NOHASHDIR", "1")
    os.environ.setdefault("CCACHE_SLOPPINESS", "pch_defines,time_macros")
    # Tests run without a home; what plugins there are is looked up once for all of them.
    os.environ["GST_REGISTRY"] = str(BUILD / "gst-registry.bin")
    if shutil.which("gst-inspect-1.0"):
        run("gst-inspect-1.0", "webrtcbin", seconds=120, log=LOGS / "registry.log")


def plain():
    node_modules(ROOT / "src" / "web")
    # Functions and lines are what a stack is read for; types and variables take a quarter of the whole build.
    configure(BUILD, "-Dwerror=true", "-Dcpp_args=-g1")
    ninja(BUILD, "src/callagent")


def configure_checked(*prefix):
    """With clang: it takes half of g++'s time for sanitized code, and its warnings are others."""
    configure(CHECKED, "-Dwerror=true", "-Dcpp_args=-gline-tables-only", "-Db_sanitize=address,undefined",
              "-Db_lundef=false", "-Doptimization=0", prefix=prefix,
              env={**os.environ, "CC": "clang", "CXX": "clang++", "CC_LD": "lld", "CXX_LD": "lld"})


_BEHIND_THE_CACHE = str(TESTS / "runner" / "relocatable")
RELOCATABLE = {"CCACHE_PREFIX": _BEHIND_THE_CACHE, "CCACHE_PREFIX_CPP": _BEHIND_THE_CACHE,
               "CCACHE_EXTRAFILES": _BEHIND_THE_CACHE, "CALLAGENT_CLONE": str(ROOT)}


def checked(*prefix):
    configure_checked(*prefix)
    ninja(CHECKED, prefix=prefix, env={**os.environ, **RELOCATABLE})


def configure(folder, *options, env=None, prefix=()):
    if not (folder / "build.ninja").exists():
        need(*prefix, "meson", "setup", folder, *options, seconds=120, log=LOGS / f"setup-{folder.name}.log", env=env)


def ninja(folder, *targets, env=None, prefix=()):
    need(*prefix, "ninja", "-C", folder, *targets, seconds=1500, log=LOGS / f"{folder.name}.log", env=env)


def node_modules(folder):
    """`npm ci`, unless what is there came from the same lock file."""
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".lock-digest"
    if not (stamp.exists() and stamp.read_text() == lock):
        need("npm", "ci", "--no-audit", "--no-fund", cwd=folder, seconds=300, log=LOGS / f"npm-{folder.name}.log")
        stamp.write_text(lock)
