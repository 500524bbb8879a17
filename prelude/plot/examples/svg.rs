//! Writes one figure as PNG and SVG, to be compared by eye or in a browser: `svg FOLDER`.
use flowbook_plot as plt;

fn main() -> std::io::Result<()> {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".into()));
    let x: Vec<f64> = (-40..=40).map(|k| f64::from(k) / 10.0).collect();
    let (figure, ax) = plt::subplots(2, 2);
    figure.figsize(9, 7);
    ax[0].plot(&x, x.iter().map(|v| v.sin()).collect::<Vec<f64>>(), "r--").label("사인 곡선");
    ax[0].scatter([-2.0, 0.0, 2.0], [0.5, 0.0, -0.5]).s(80).label("점");
    ax[0].legend();
    ax[0].set_title(r"한글 제목 $\frac{1}{1 + e^{-x}}$");
    ax[0].grid(true);
    let wave: Vec<Vec<f64>> = (0..12).map(|j| (0..12).map(|i| f64::from(i * j).sqrt()).collect()).collect();
    ax[1].imshow(&wave);
    ax[1].colorbar();
    ax[2].contourf_z(&wave).levels(8);
    ax[2].contour_z(&wave).color("k").clabel();
    ax[3].bar(["a", "b", "c"], [3.0, 5.0, 2.0]).yerr(0.5).capsize(4);
    ax[3].set_ylabel("rotated");
    figure.tight_layout();
    figure.savefig(folder.join("figure.png"))?;
    figure.savefig(folder.join("figure.svg"))
}
