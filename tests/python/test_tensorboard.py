"""Reads event files with TensorBoard's own code. The directory is in BOARD; `expected` in it holds each summary's text."""

import glob
import os
import unittest

from google.protobuf import text_format
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import graph_pb2, summary_pb2
from tensorboard.context import RequestContext
from tensorboard.plugins import base_plugin
from tensorboard.plugins.graph import graphs_plugin
from tensorboard.util import tensor_util

BOARD = os.environ["BOARD"]
LOGDIR = os.path.join(BOARD, "board")
SCOPES = {"input", "weight", "bias", "layer1", "y_", "cost", "train"}


def expected():
    """Step and message of every summary that was written."""
    for path in glob.glob(os.path.join(BOARD, "expected", "*.txt")):
        with open(path) as file:
            message = text_format.Parse(file.read(), summary_pb2.Summary())
        yield int(os.path.basename(path)[: -len(".txt")]), message


class TensorBoardTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        everything = {"scalars": 0, "histograms": 0, "images": 0, "tensors": 0}
        cls.accumulator = EventAccumulator(os.path.join(LOGDIR, "mnist"), size_guidance=everything)
        cls.accumulator.Reload()

    def test_tags(self):
        tags = self.accumulator.Tags()
        self.assertEqual(sorted(tags["scalars"]), ["after", "cost/cost"])
        self.assertEqual(sorted(tags["histograms"]), ["bias_1", "weight_1", "y"])
        self.assertEqual(sorted(tags["images"]), ["digits/image/0", "digits/image/1"])
        self.assertEqual(tags["tensors"], ["about"])
        self.assertTrue(tags["graph"] and tags["meta_graph"])

    def test_every_value_is_what_was_written(self):
        seen = 0
        for step, message in expected():
            for value in message.value:
                seen += 1
                kind = value.WhichOneof("value")
                if kind == "simple_value":
                    found = [e.value for e in self.accumulator.Scalars(value.tag) if e.step == step]
                    self.assertEqual(found, [value.simple_value])
                elif kind == "histo":
                    (found,) = [e for e in self.accumulator.Histograms(value.tag) if e.step == step]
                    for field in ["min", "max", "num", "sum", "sum_squares", "bucket_limit", "bucket"]:
                        ours, theirs = getattr(value.histo, field), getattr(found.histogram_value, field)
                        same = list(ours) == list(theirs) if field.startswith("bucket") else ours == theirs
                        self.assertTrue(same, (value.tag, field))
                elif kind == "image":
                    (found,) = [e for e in self.accumulator.Images(value.tag) if e.step == step]
                    self.assertEqual((found.height, found.width), (28, 28))
                    self.assertEqual(found.encoded_image_string, value.image.encoded_image_string)
                else:
                    (found,) = [e for e in self.accumulator.Tensors(value.tag) if e.step == step]
                    text = tensor_util.make_ndarray(found.tensor_proto).item()
                    self.assertEqual(text, b"a *softmax* regression")
        self.assertEqual(seen, 5 * 7)

    def test_histograms_count_every_value(self):
        for event in self.accumulator.Histograms("weight_1"):
            histogram = event.histogram_value
            self.assertEqual(sum(histogram.bucket), 7840)
            self.assertEqual(histogram.num, 7840)
            self.assertEqual(len(histogram.bucket), len(histogram.bucket_limit))
            self.assertEqual(sorted(histogram.bucket_limit), list(histogram.bucket_limit))

    def test_training_shows(self):
        costs = [e.value for e in self.accumulator.Scalars("cost/cost")]
        self.assertEqual(len(costs), 5)
        # Ten equally likely classes before the first step: ln 10.
        self.assertAlmostEqual(costs[0], 2.302585, places=5)
        times = [e.wall_time for e in self.accumulator.Scalars("cost/cost")]
        self.assertEqual(times, sorted(times))

    def test_a_dead_process_leaves_whole_records(self):
        self.assertNotIn("lost", self.accumulator.Tags()["scalars"])
        self.assertEqual([(e.step, e.value) for e in self.accumulator.Scalars("after")], [(100, 2.0)])
        # The process that took over writes a file of its own.
        self.assertEqual(len(glob.glob(os.path.join(LOGDIR, "mnist", "events.out.tfevents.*"))), 2)

    def test_the_graph_has_the_scopes_and_shapes(self):
        graph = self.accumulator.Graph()
        nodes = {node.name: node for node in graph.node}
        self.assertLessEqual(SCOPES, {name.split("/")[0] for name in nodes})
        for node in graph.node:
            for source in node.input:
                self.assertIn(source.lstrip("^").split(":")[0], nodes)
        product = nodes["layer1/MatMul"]
        self.assertEqual(list(product.input), ["input/Placeholder", "weight/Variable/read"])
        (shape,) = product.attr["_output_shapes"].list.shape
        self.assertEqual([d.size for d in shape.dim], [-1, 10])
        zeros = tensor_util.make_ndarray(nodes["bias/zeros"].attr["value"].tensor)
        self.assertEqual((zeros.shape, zeros.any()), ((10,), False))

    def test_the_graph_plugin_loads_it(self):
        multiplexer = plugin_event_multiplexer.EventMultiplexer()
        multiplexer.AddRunsFromDirectory(LOGDIR)
        multiplexer.Reload()
        provider = data_provider.MultiplexerDataProvider(multiplexer, LOGDIR)
        context = base_plugin.TBContext(logdir=LOGDIR, data_provider=provider)
        plugin = graphs_plugin.GraphsPlugin(context)
        text, kind = plugin.graph_impl(
            RequestContext(), "mnist", None, False, "", limit_attr_size=1024, large_attrs_key="_large"
        )
        self.assertEqual(kind, "text/x-protobuf")
        graph = text_format.Parse(text, graph_pb2.GraphDef())
        self.assertEqual({n.name for n in graph.node}, {n.name for n in self.accumulator.Graph().node})


if __name__ == "__main__":
    unittest.main()
