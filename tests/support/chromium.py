"""Chromium without a window, told what to do through a pipe, with a security key plugged in.

Only what needs a real browser is asked of it: scripts, and what they ask of a key. It is skipped where there is none.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_PATIENCE_SECONDS = 30.0
# The browser reads commands from file descriptor 3 and answers on 4.
_RUN = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execvp(sys.argv[3], sys.argv[3:])"


class Chromium:
    """One page of one browser."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        self._read, self._sent, self._session = b"", 0, ""
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def tell(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the DevTools protocol, and its result."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": params}
        message |= {"sessionId": self._session} if self._session else {}
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._sent:
            pass
        assert "error" not in answer, f"{method}: {answer}"
        result: dict[str, Any] = answer["result"]
        return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            chunk = os.read(self._answers, 65_536)
            assert chunk, "the browser ended"
            self._read += chunk
        one, _, self._read = self._read.partition(b"\0")
        read: dict[str, Any] = json.loads(one)
        return read

    def plug_in_key(self) -> None:
        """A security key is plugged in, and somebody touches it whenever it blinks."""
        self.tell("WebAuthn.enable")
        key = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True}
        self.tell("WebAuthn.addVirtualAuthenticator", options=key)

    def go(self, url: str) -> None:
        """Open a page, and wait until its scripts have run."""
        self.tell("Page.navigate", url=url)
        self.until(f"location.href.startsWith({json.dumps(url)}) && document.readyState === 'complete'")

    def see(self, expression: str) -> Any:
        """What a JavaScript expression is in the page now."""
        return self.tell("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until that is true."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self.see(expression):
            assert time.monotonic() < deadline, f"{expression}: {self.see('document.body.innerText')}"
            time.sleep(0.05)

    def press(self, form: str, then: str, **fields: str) -> None:
        """Fill in the form that a selector finds, press its button, and wait until the next page is ``then``."""
        for name, value in fields.items():
            self.see(
                f"document.querySelector({json.dumps(f'{form} [name={name}]')}).value = {json.dumps(value)}"
            )
        self.see(f"document.querySelector({json.dumps(f'{form} button')}).click()")
        self.until(f"({then}) && document.readyState === 'complete'")


@contextmanager
def chromium(folder: Path) -> Iterator[Chromium]:
    """A browser that was never anywhere; nothing of it is left."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("there is no Chromium on PATH")
    (told_end, told), (said, said_end) = os.pipe(), os.pipe()
    arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--remote-debugging-pipe",
        f"--user-data-dir={folder / 'profile'}",
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN, str(told_end), str(said_end), program, *arguments],
        pass_fds=(told_end, said_end),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(told_end)
    os.close(said_end)
    try:
        yield Chromium(told, said)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(told)
        os.close(said)
