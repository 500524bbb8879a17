"""A headless Chromium, spoken to by its DevTools protocol: no driver program, no further packages than the tests have."""

import asyncio
import base64
import contextlib
import json
import pathlib
import subprocess
import tempfile

from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import websocket_connect

PATIENCE = 180  # seconds, for a machine with much else to do


class Page:
    """The one page of the browser."""

    def __init__(self, socket):
        self.socket = socket
        self.number = 0

    async def call(self, method, **parameters):
        """Calls a method of the protocol and returns its result."""
        self.number += 1
        await self.socket.write_message(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = await self.socket.read_message()
            if message is None:
                raise RuntimeError("Chromium has gone")
            answer = json.loads(message)
            if answer.get("id") == self.number:
                return answer["result"]

    async def open(self, url):
        # A page without the focus does not know which of its parts is the current one.
        await self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        await self.call("Page.navigate", url=url)

    async def evaluate(self, expression):
        """The value of a JavaScript expression; a promise is waited for."""
        answer = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"].get("exception", {}).get("description", expression))
        return answer["result"].get("value")

    async def type(self, text):
        await self.call("Input.insertText", text=text)

    async def screenshot(self, path):
        shot = await self.call("Page.captureScreenshot", format="png")
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))


async def eventually(attempt):
    """The first true value of `attempt`, tried again and again; its last value when there is none."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while True:
        value = await attempt()
        if value or loop.time() > end:
            return value
        await asyncio.sleep(0.2)


@contextlib.asynccontextmanager
async def browser(chromium, size="1400,1000"):
    """Starts Chromium with an empty profile; gives its page, and ends it afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--window-size={size}", "--no-first-run"]
        arguments += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        arguments += [f"--user-data-dir={profile}", "--remote-debugging-port=0", "--remote-allow-origins=*"]
        process = subprocess.Popen([chromium, *arguments, "about:blank"], stderr=subprocess.DEVNULL)
        try:
            yield await first_page(pathlib.Path(profile, "DevToolsActivePort"))
        finally:
            process.kill()
            process.wait()


async def first_page(active):
    async def port():
        return active.exists() and active.read_text().split("\n")[0]

    port = await eventually(port)
    answer = await AsyncHTTPClient().fetch(f"http://localhost:{port}/json/list")
    (target,) = [t for t in json.loads(answer.body) if t["type"] == "page"]
    return Page(await websocket_connect(target["webSocketDebuggerUrl"], max_message_size=1 << 28))
