"""Writes kernel/src/evaluator/library.tsv: every name a cell can use, with its signature and the first words of its
documentation, for completion and help. Run after the library's public names have changed:

    for p in flowbook flowbook-plot flowbook-runtime; do
        RUSTC_BOOTSTRAP=1 cargo rustdoc --release --locked -p $p --lib -- -Zunstable-options --output-format json
    done
    python3 kernel/tools/make_library_index.py target/doc
"""

import json
import os
import sys

ROOTS = {  # how a cell names a module: the crate and the module in it
    "tf": ("flowbook", "v1"), "np": ("flowbook", "np"), "keras": ("flowbook", "keras"),
    "plt": ("flowbook_plot", None), "display": ("flowbook_runtime", "display"),
}
FUNCTION, TYPE, MODULE, CONSTANT, MACRO = "function", "class", "module", "instance", "macro"


class Crate:
    def __init__(self, path):
        self.data = json.load(open(path))
        self.index = self.data["index"]

    def item(self, number):
        return self.index.get(str(number))

    def module(self, name):
        root = self.item(self.data["root"])
        if name is None:
            return root
        return next(i for i in self.members(root) if i["name"] == name and "module" in i["inner"])

    def members(self, module):
        return [self.item(n) for n in module["inner"]["module"]["items"] if self.item(n)]

    def type(self, t):
        if t is None:
            return "()"
        kind, v = next(iter(t.items())) if isinstance(t, dict) else (t, None)
        if kind == "primitive":
            return v
        if kind == "generic":
            return v
        if kind == "resolved_path":
            return v["path"].split("::")[-1] + self.arguments(v.get("args"))
        if kind == "borrowed_ref":
            return "&" + ("mut " if v["is_mutable"] else "") + self.type(v["type"])
        if kind == "slice":
            return f"[{self.type(v)}]"
        if kind == "array":
            return f"[{self.type(v['type'])}; {v['len']}]"
        if kind == "tuple":
            return "(" + ", ".join(map(self.type, v)) + ")"
        if kind == "impl_trait":
            return "impl " + self.bounds(v)
        if kind == "qualified_path":
            return self.type(v["self_type"]) + "::" + v["name"]
        if kind == "function_pointer":
            return "fn" + self.inputs(v["sig"])
        return "_"

    def arguments(self, args):
        inner = (args or {}).get("angle_bracketed")
        if not inner or not inner["args"]:
            called = (args or {}).get("parenthesized")
            if called:
                out = f" -> {self.type(called['output'])}" if called.get("output") else ""
                return "(" + ", ".join(map(self.type, called["inputs"])) + ")" + out
            return ""
        shown = [self.type(a["type"]) for a in inner["args"] if "type" in a]
        return f"<{', '.join(shown)}>" if shown else ""

    def bounds(self, bounds):
        traits = [b["trait_bound"]["trait"] for b in bounds if "trait_bound" in b]
        return " + ".join(t["path"].split("::")[-1] + self.arguments(t.get("args")) for t in traits)

    def inputs(self, sig):
        shown = []
        for name, t in sig["inputs"]:
            if name == "self":
                shown.append({"borrowed_ref": "&self"}.get(next(iter(t)), "self") if isinstance(t, dict) else "self")
            else:
                shown.append(f"{name}: {self.type(t)}")
        return "(" + ", ".join(shown) + ")"

    def function(self, name, item):
        f = item["inner"]["function"]
        generics = [p for p in f["generics"]["params"] if "type" in p["kind"] and not p["name"].startswith("impl ")]
        bounds = [p["name"] + (": " + self.bounds(p["kind"]["type"]["bounds"]) if p["kind"]["type"]["bounds"] else "") for p in generics]
        output = f" -> {self.type(f['sig']['output'])}" if f["sig"]["output"] else ""
        return f"fn {name}{'<' + ', '.join(bounds) + '>' if bounds else ''}{self.inputs(f['sig'])}{output}"


def first_words(item):
    return " ".join((item["docs"] or "").split("\n\n")[0].split())


class Index:
    def __init__(self):
        self.rows = {}
        self.types = set()

    def add(self, path, kind, signature, item):
        self.rows.setdefault((path, kind), (signature, first_words(item)))

    def walk(self, crate, module, prefix):
        for item in crate.members(module):
            self.name(crate, item, prefix, item["name"])

    def name(self, crate, item, prefix, name):
        kind = next(iter(item["inner"]))
        inner = item["inner"][kind]
        path = f"{prefix}::{name}"
        if kind == "use":
            target = crate.item(inner["id"]) if inner["id"] is not None else None
            if target and inner["is_glob"]:
                self.walk(crate, target, prefix)
            elif target:
                self.name(crate, target, prefix, inner["name"])
        elif kind == "module":
            self.add(path, MODULE, f"mod {name}", item)
            self.walk(crate, item, path)
        elif kind == "function":
            self.add(path, FUNCTION, crate.function(name, item), item)
        elif kind in ("struct", "enum", "trait", "type_alias"):
            self.add(path, TYPE, f"{kind.replace('type_alias', 'type')} {name}", item)
            if kind in ("struct", "enum"):
                self.methods(crate, item, path)
        elif kind in ("constant", "static"):
            self.add(path, CONSTANT, f"const {name}", item)
        elif kind == "macro":
            self.add(path + "!", MACRO, f"macro {name}!", item)

    def methods(self, crate, item, path):
        kind = next(iter(item["inner"]))
        for number in item["inner"][kind]["impls"]:
            block = crate.item(number)
            if not block or block["inner"]["impl"]["trait"]:
                continue
            for member in map(crate.item, block["inner"]["impl"]["items"]):
                if member and "function" in member["inner"] and member["visibility"] == "public":
                    inputs = member["inner"]["function"]["sig"]["inputs"]
                    is_method = inputs and inputs[0][0] == "self"
                    separator = "." if is_method else "::"
                    self.add(path + separator + member["name"], FUNCTION, crate.function(member["name"], member), member)


def main(directory):
    crates = {}
    index = Index()
    for prefix, (name, module) in ROOTS.items():
        crate = crates.setdefault(name, Crate(os.path.join(directory, name + ".json")))
        item = crate.module(module)
        index.add(prefix, MODULE, f"mod {prefix}", item)
        index.walk(crate, item, prefix)
    flowbook = crates["flowbook"]
    scope = next(i for i in flowbook.members(flowbook.module("notebook")) if i["name"] == "scope")
    in_scope = {i["inner"]["use"]["name"] for i in flowbook.members(scope) if "use" in i["inner"]}
    for item in flowbook.members(flowbook.module(None)):
        if "macro" in item["inner"] and item["name"] in in_scope:
            index.add(item["name"] + "!", MACRO, f"macro {item['name']}!", item)
    array = next(i for i in flowbook.members(flowbook.module("array")) if i["name"] == "Array")
    index.add("Array", TYPE, "struct Array", array)
    index.methods(flowbook, array, "Array")
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../src/evaluator/library.tsv"), "w") as out:
        for (path, kind), (signature, docs) in sorted(index.rows.items()):
            out.write("\t".join((path, kind, signature, docs)) + "\n")


main(sys.argv[1])
