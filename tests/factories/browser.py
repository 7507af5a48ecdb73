"""A real Chromium without a window, driven over a pipe by its DevTools protocol.

`--remote-debugging-pipe`: messages are JSON ended by NUL, requests on descriptor 3, answers on 4.
"""

import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE = 60.0
"""Seconds until a browser that does not answer counts as hung."""
CONTRAST = """
(() => {
  const parse = (text) => (text.match(/[\\d.]+/g) || [0, 0, 0]).map(Number);
  const light = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, k, i) => {
    const v = c[i] / 255;
    return sum + k * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  }, 0);
  const behind = (e) => {
    for (let n = e; n; n = n.parentElement) {
      const c = parse(getComputedStyle(n).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const faint = new Set();
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !e.getClientRects().length) continue;
    const lights = [light(parse(getComputedStyle(e).color)), light(behind(e))];
    const [a, b] = lights.sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(getComputedStyle(e).fontSize);
    if (ratio < (size >= 24 ? 3 : 4.5)) faint.add(`${e.tagName}.${e.className} ${ratio}`);
  }
  return [...faint];
})()
"""
"""Texts with less contrast than WCAG 2.2, 1.4.3 (level AA) asks for."""


class Page:
    """One tab."""

    def __init__(self, process: subprocess.Popen[bytes], out: int, answers: int) -> None:
        self._process, self._out, self._answers = process, out, answers
        self._number = 0
        self._buffer = b""
        self._session = ""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self.requests: list[str] = []
        for domain in ("Page", "Runtime", "Network"):
            self._call(f"{domain}.enable")

    def open(self, url: str, *, width: int = 1280, height: int = 900) -> None:
        """Load a page in a window of this size and wait until it is there."""
        phone = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", **phone)
        self._call("Page.navigate", url=url)
        self.run(
            "new Promise(d => document.readyState === 'complete' && location.href !== 'about:blank'"
            " ? d() : addEventListener('load', () => d()))"
        )

    def run(self, script: str) -> Any:
        """Evaluate a script in the page and give its value; its error is an AssertionError."""
        found = self._call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def press(self, key: str, code: int, *, text: str = "") -> None:
        """Press and release one key, such as ("Tab", 9)."""
        event = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        down = event | ({"text": text} if text else {})
        self._call("Input.dispatchKeyEvent", type="keyDown", **down)
        self._call("Input.dispatchKeyEvent", type="keyUp", **event)

    def write(self, text: str) -> None:
        """Type into what has the focus."""
        self._call("Input.insertText", text=text)

    def media(self, *, dark: bool = False, printed: bool = False) -> None:
        """Show the page as in a dark room, or on paper."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call(
            "Emulation.setEmulatedMedia", media="print" if printed else "", features=[scheme]
        )

    def picture(self, path: Path) -> None:
        """Write what is seen as PNG."""
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot")["data"]))

    def overflow(self) -> int:
        """Give the pixels by which the page is wider than its window."""
        root = "document.documentElement"
        return int(self.run(f"{root}.scrollWidth - {root}.clientWidth"))

    def faint_texts(self) -> list[str]:
        """Give the texts with too little contrast."""
        return list(self.run(CONTRAST))

    def nameless(self) -> list[str]:
        """Give what can be operated and has no name for a screen reader (WCAG 4.1.2)."""
        tree = self._call("Accessibility.getFullAXTree")["nodes"]
        roles = {"link", "button", "textbox", "searchbox", "combobox", "checkbox", "radio", "image"}
        return [
            node["role"]["value"]
            for node in tree
            if not node["ignored"]
            and node["role"]["value"] in roles
            and not node.get("name", {}).get("value", "").strip()
        ]

    def _call(self, method: str, **parameters: object) -> dict[str, Any]:
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("method") == "Network.requestWillBeSent":
                self.requests.append(answer["params"]["request"]["url"])
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return dict(answer["result"])

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            some = os.read(self._answers, 1 << 16)
            assert some, "the browser has gone"
            self._buffer += some
        line, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(line))


@contextmanager
def browsing() -> Iterator[Page]:
    """Start a browser with an empty profile, and end it."""
    assert CHROMIUM
    to_browser, out = os.pipe()
    answers, from_browser = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = (
            f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}'  # descriptors 3 and 4, as it wants
        )
        process = subprocess.Popen(
            ["/bin/bash", "-c", command, CHROMIUM, "--headless=new", "--no-sandbox",
             "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
             "--no-first-run", "--remote-debugging-pipe", f"--user-data-dir={profile}"],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_browser)
        os.close(from_browser)
        try:
            yield Page(process, out, answers)
        finally:
            process.kill()
            process.wait(PATIENCE)
            os.close(out)
            os.close(answers)
