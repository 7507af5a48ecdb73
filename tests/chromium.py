"""A real browser without a driver: headless Chromium spoken to over its debugging pipe."""

import fcntl
import json
import os
import shutil
import subprocess
import time
from base64 import b64decode
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
KEYS = {"Tab": (9, ""), "Enter": (13, "\r")}


class Chromium:
    """One tab. The pipe takes and gives JSON messages that end in a zero octet."""

    def __init__(self, profile: Path, width: int, height: int) -> None:
        to_read, self._out = os.pipe()
        self._in, to_write = os.pipe()
        command = [
            CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--hide-scrollbars", "--remote-debugging-pipe", f"--user-data-dir={profile}",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "about:blank",
        ]  # fmt: skip

        # 3 and 4 are where Chromium looks, so the ends to be passed on must lie above them.
        to_read, to_write = _above_ten(to_read), _above_ten(to_write)
        moved = ["bash", "-c", f'exec "$@" 3<&{to_read} 4>&{to_write}', "bash", *command]
        self._process = subprocess.Popen(
            moved, pass_fds=(to_read, to_write),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_read)
        os.close(to_write)
        self._buffer, self._number = b"", 0
        (tab, *_) = [t for t in self._call("Target.getTargets")["targetInfos"]
                     if t["type"] == "page"]  # fmt: skip
        self._session = None
        self._session = self._call("Target.attachToTarget", targetId=tab["targetId"], flatten=True)[
            "sessionId"
        ]
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                   deviceScaleFactor=1, mobile=width < 500)  # fmt: skip

    _session: str | None = None

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._out)
        os.close(self._in)

    def _call(self, method: str, **params: object) -> dict:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self._buffer:
                got = os.read(self._in, 65536)
                if not got:
                    raise EOFError("Chromium has gone")
                self._buffer += got
            text, _, self._buffer = self._buffer.partition(b"\0")
            answer = json.loads(text)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(answer["error"])
                return answer["result"]

    def open(self, url: str) -> None:
        self._call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def value(self, expression: str) -> object:
        found = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        return found["result"].get("value")

    def wait(self, expression: str) -> None:
        for _ in range(600):
            if self.value(expression):
                return
            time.sleep(0.05)
        raise AssertionError(expression)

    def scripts(self, *, allowed: bool) -> None:
        self._call("Emulation.setScriptExecutionDisabled", value=not allowed)

    def press(self, key: str) -> None:
        code, text = KEYS[key]
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if kind == "keyDown" and text else {}
            self._call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                       windowsVirtualKeyCode=code, **more)  # fmt: skip

    def write(self, text: str) -> None:
        self._call("Input.insertText", text=text)

    def picture(self, file: Path, *, whole: bool = True) -> None:
        data = self._call("Page.captureScreenshot", captureBeyondViewport=whole)["data"]
        file.write_bytes(b64decode(data))


def _above_ten(end: int) -> int:
    moved = fcntl.fcntl(end, fcntl.F_DUPFD, 10)
    os.close(end)
    return moved
