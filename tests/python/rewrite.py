"""Reads the notebook argv[1], validates it and writes it to argv[2], as Jupyter does on every save."""

import sys

import nbformat

notebook = nbformat.read(sys.argv[1], as_version=4)
nbformat.validate(notebook)
nbformat.write(notebook, sys.argv[2])
