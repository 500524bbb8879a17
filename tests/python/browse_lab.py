"""Opens a lesson in JupyterLab as a learner does: runs all cells, completes a name, interrupts a cell, restarts.

    python browse_lab.py CHROMIUM URL PICTURE

The server must have been started with `--LabApp.expose_app_in_browser=True`.
"""

import asyncio
import json
import sys

from devtools import browser, eventually

NOTEBOOK = "[...window.jupyterapp.shell.widgets('main')].find(widget => widget.sessionContext)"
# What the lesson's code cells show, from the notebook's model: cells out of sight are not in the document.
OUTPUTS = f"""
(() => {{
  const cells = [...{NOTEBOOK}.content.model.cells].filter(cell => cell.type === 'code');
  return cells.map(cell => ({{count: cell.executionCount, outputs: cell.outputs.toJSON()}}));
}})()
"""
READY = f"""
window.jupyterapp?.shell && {NOTEBOOK}?.context?.isReady && {NOTEBOOK}.sessionContext.session?.kernel?.status === 'idle'
"""


class Lesson:
    """The open notebook."""

    def __init__(self, page):
        self.page = page

    async def command(self, name):
        await self.page.evaluate(f"void window.jupyterapp.commands.execute('{name}')")

    async def outputs(self):
        return await self.page.evaluate(OUTPUTS)

    async def new_cell(self, code):
        """Puts code into a new cell at the end, which becomes the active one."""
        await self.page.evaluate(f"{NOTEBOOK}.content.activeCellIndex = {NOTEBOOK}.content.widgets.length - 1")
        await self.page.evaluate("window.jupyterapp.commands.execute('notebook:insert-cell-below')")
        await self.page.evaluate(f"{NOTEBOOK}.content.activeCell.model.sharedModel.setSource({json.dumps(code)})")

    async def run(self, code):
        """Runs code in a new cell and returns its outputs as text."""
        await self.new_cell(code)
        await self.command("notebook:run-cell")
        return await self.shown()

    async def shown(self):
        """The text of the last cell's outputs, once it has ended."""

        async def done():
            idle = await self.page.evaluate(f"{NOTEBOOK}.sessionContext.session?.kernel?.status === 'idle'")
            last = (await self.outputs())[-1]
            return last if idle and last["count"] else None

        last = await eventually(done)
        assert last, "the cell did not end"
        return json.dumps(last["outputs"], ensure_ascii=False)


async def all_cells_run(lesson):
    await lesson.command("notebook:run-all-cells")

    async def complete():
        cells = await lesson.outputs()
        return cells if all(cell["count"] for cell in cells) else None

    cells = await eventually(complete)
    assert cells, "not every cell was run"
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert any("image/png" in output.get("data", {}) for output in outputs), "no picture is shown"
    # The document holds what is in sight; the first cells print.
    assert await lesson.page.evaluate("document.querySelectorAll('.jp-OutputArea-output').length > 0")


async def a_name_is_completed(lesson):
    await lesson.new_cell("tf::placeh")
    await lesson.page.evaluate(f"{NOTEBOOK}.content.mode = 'edit'")
    editor = f"{NOTEBOOK}.content.activeCell.editor"
    await lesson.page.evaluate(f"{editor}.setCursorPosition({{line: 0, column: 10}})")
    await lesson.command("completer:invoke-notebook")
    source = f"{NOTEBOOK}.content.activeCell.model.sharedModel.getSource()"
    items = "[...document.querySelectorAll('.jp-Completer-item')].map(item => item.textContent).join(' ')"

    async def offered():
        # One candidate is put in at once, several are offered in a list.
        return "placeholder" in await lesson.page.evaluate(f"{source} + ' ' + {items}")

    assert await eventually(offered), "Tab does not complete tf::placeholder"
    await lesson.page.evaluate(f"{NOTEBOOK}.content.activeCell.model.sharedModel.setSource('')")


async def a_long_cell_is_interrupted(lesson):
    assert "41" in await lesson.run("let kept = 41; kept")
    await lesson.new_cell("loop {}")
    await lesson.command("notebook:run-cell")
    busy = f"{NOTEBOOK}.sessionContext.session.kernel.status === 'busy'"
    assert await eventually(lambda: lesson.page.evaluate(busy)), "the loop does not begin"
    await lesson.command("notebook:interrupt-kernel")
    shown = await lesson.shown()
    assert "KeyboardInterrupt" in shown, shown
    assert "42" in await lesson.run("kept + 1"), "the variable is gone"


async def a_restart_forgets(lesson):
    await lesson.page.evaluate(f"{NOTEBOOK}.sessionContext.session.kernel.restart()")
    assert await eventually(lambda: lesson.page.evaluate(READY)), "the kernel does not come back"
    shown = await lesson.run("kept + 1")
    assert "cannot find value `kept`" in shown, shown
    assert "43" in await lesson.run("let kept = 43; kept")


async def browse(chromium, url, picture):
    async with browser(chromium, "1300,1600") as page:
        await page.open(url)
        assert await eventually(lambda: page.evaluate(READY)), "the lesson does not open"
        lesson = Lesson(page)
        await page.evaluate(f"window.jupyterapp.shell.activateById({NOTEBOOK}.id)")
        try:
            await all_cells_run(lesson)
            await page.screenshot(picture)
            await a_name_is_completed(lesson)
            await a_long_cell_is_interrupted(lesson)
            await a_restart_forgets(lesson)
        except BaseException:
            await page.screenshot(picture)
            raise


asyncio.run(browse(*sys.argv[1:]))
