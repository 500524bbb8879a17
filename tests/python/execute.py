"""Executes the notebook argv[1] with nbclient and writes it to argv[2], as `jupyter nbconvert --execute` does."""

import sys

import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=120, kernel_name="flowbook", record_timing=False).execute()
nbformat.write(notebook, sys.argv[2])
