//! A graph below a cell: the picture that TensorBoard would show, without TensorBoard.

use flowbook_runtime::display::{self, DisplayHandle};
use flowbook_runtime::frame::MimeBundle;
use flowbook_runtime::show::Rich;
use flowbook_summary::drawing;

use super::Graph;

impl Graph {
    /// The graph as an SVG document: name scopes as boxes, data flowing upwards, shapes on the edges. Large scopes stay
    /// closed.
    ///
    /// ```
    /// use flowbook::v1 as tf;
    /// let y = tf::name_scope("layer1", || tf::add(2, 3));
    /// assert!(tf::get_default_graph().to_svg().contains(">layer1</text>"));
    /// ```
    pub fn to_svg(self) -> String {
        drawing::svg(&crate::summary::graph_def(self))
    }

    /// Shows the graph below the cell. A cell that ends with a graph, such as `sess.graph()`, shows it as well.
    pub fn show(self) -> DisplayHandle {
        display::mime(self.mime_bundle())
    }
}

impl Rich for Graph {
    fn mime_bundle(&self) -> MimeBundle {
        let plain = format!("<tf.Graph with {} operations>", self.get_operations().len());
        vec![("image/svg+xml".into(), self.to_svg().into_bytes()), ("text/plain".into(), plain.into_bytes())]
    }
}
