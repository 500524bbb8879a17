//! A chart of the `plotters` crate, its own code and text, on this library's canvas.

use flowbook_plot as plt;
use plotters::prelude::*;

/// The chart fills the picture: its line, its points, axes and Korean caption leave ink of their colours.
#[test]
fn a_plotters_chart() -> Result<(), Box<dyn std::error::Error>> {
    let drawing = plt::Drawing::new(400, 300);
    let root = drawing.clone().into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption("손실 loss", ("sans-serif", 24))
        .margin(8)
        .x_label_area_size(30)
        .y_label_area_size(40)
        .build_cartesian_2d(0f32..10f32, 0f32..100f32)?;
    chart.configure_mesh().x_desc("step").draw()?;
    chart.draw_series(LineSeries::new((0..=100).map(|k| k as f32 / 10.0).map(|x| (x, x * x)), &RED))?;
    chart.draw_series((0..10).map(|k| Circle::new((k as f32, 50.0), 4, BLUE.filled())))?;
    root.present()?;

    let png = drawing.to_png();
    let mut reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info()?;
    let mut rgb = vec![0; reader.output_buffer_size().expect("a picture of known size")];
    reader.next_frame(&mut rgb)?;
    let count = |f: &dyn Fn(&[u8]) -> bool| rgb.chunks_exact(3).filter(|p| f(p)).count();
    let dots = count(&|p| p[0] < 60 && p[1] < 60 && p[2] > 200);
    assert!(dots > 9 * 40, "ten dots of radius 4 have {dots} blue pixels");
    assert!(count(&|p| p[0] > 200 && p[1] < 120 && p[2] < 120) > 250, "a red line");
    let caption = rgb[..400 * 3 * 34].chunks_exact(3).filter(|p| p[0] < 100).count();
    assert!(caption > 150, "the caption has {caption} dark pixels");
    Ok(())
}
