//! A picture as the bytes of a PNG file. Speed matters more than the last per cent of size.

use tiny_skia::Pixmap;

/// Encodes an opaque picture (8-bit RGB), noting its resolution.
pub(crate) fn encode(pixmap: &Pixmap, dpi: f64) -> Vec<u8> {
    let rgb: Vec<u8> = pixmap.data().chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixmap.width(), pixmap.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let per_metre = (dpi / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: png::Unit::Meter }));
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&rgb));
    written.expect("writing to memory does not fail");
    bytes
}
