"""Opens TensorBoard's graph page in a headless Chromium, waits for texts in it, and takes a picture.

    python browse_tensorboard.py CHROMIUM URL PICTURE TEXT...
"""

import asyncio
import base64
import json
import pathlib
import subprocess
import sys
import tempfile

from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import websocket_connect

PATIENCE = 180  # seconds, for a machine with much else to do
# The page is made of web components, each with a tree of its own.
TEXTS = """
(() => {
  const texts = [];
  const visit = (root) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.localName === 'text') texts.push((element.firstChild?.nodeValue ?? '').trim());
      if (element.shadowRoot) visit(element.shadowRoot);
    }
  };
  visit(document);
  return texts;
})()
"""


class Page:
    """A page, spoken to by the DevTools protocol."""

    def __init__(self, socket):
        self.socket = socket
        self.number = 0

    async def call(self, method, **parameters):
        self.number += 1
        await self.socket.write_message(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = await self.socket.read_message()
            if message is None:
                raise RuntimeError("Chromium has gone")
            answer = json.loads(message)
            if answer.get("id") == self.number:
                return answer["result"]


async def eventually(attempt):
    """The first true value of `attempt`, tried again and again."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while True:
        value = await attempt()
        if value or loop.time() > end:
            return value
        await asyncio.sleep(0.2)


async def browse(profile, url, picture, wanted):
    active = pathlib.Path(profile, "DevToolsActivePort")

    async def port():
        return active.exists() and active.read_text().split("\n")[0]

    port = await eventually(port)
    answer = await AsyncHTTPClient().fetch(f"http://localhost:{port}/json/list")
    (target,) = [t for t in json.loads(answer.body) if t["type"] == "page"]
    page = Page(await websocket_connect(target["webSocketDebuggerUrl"], max_message_size=1 << 28))
    await page.call("Page.navigate", url=url)
    texts = set()

    async def complete():
        answer = await page.call("Runtime.evaluate", expression=TEXTS, returnByValue=True)
        texts.clear()
        texts.update(answer["result"].get("value", []))
        return wanted <= texts

    found = await eventually(complete)
    shot = await page.call("Page.captureScreenshot", format="png")
    pathlib.Path(picture).write_bytes(base64.b64decode(shot["data"]))
    if not found:
        sys.exit(f"{sorted(wanted - texts)} are not on the page; there are {sorted(texts)}")


def main(chromium, url, picture, *wanted):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1400,1000"]
        arguments += [f"--user-data-dir={profile}", "--remote-debugging-port=0", "--remote-allow-origins=*"]
        process = subprocess.Popen([chromium, *arguments, "about:blank"], stderr=subprocess.DEVNULL)
        try:
            asyncio.run(browse(profile, url, picture, set(wanted)))
        finally:
            process.kill()
            process.wait()


main(*sys.argv[1:])
