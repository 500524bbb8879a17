"""Opens TensorBoard's graph page in a headless Chromium, waits for texts in it, and takes a picture.

    python browse_tensorboard.py CHROMIUM URL PICTURE TEXT...
"""

import asyncio
import sys

from devtools import browser, eventually

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


async def browse(chromium, url, picture, *wanted):
    wanted = set(wanted)
    texts = set()
    async with browser(chromium) as page:
        await page.open(url)

        async def complete():
            texts.clear()
            texts.update(await page.evaluate(TEXTS) or [])
            return wanted <= texts

        found = await eventually(complete)
        await page.screenshot(picture)
    if not found:
        sys.exit(f"{sorted(wanted - texts)} are not on the page; there are {sorted(texts)}")


asyncio.run(browse(*sys.argv[1:]))
