//! A picture as the bytes of a PNG file. Speed matters more than the last per cent of size.

use tiny_skia::Pixmap;

/// Encodes a picture (8-bit RGB, or RGBA when some of it is transparent), noting its resolution.
pub(crate) fn encode(pixmap: &Pixmap, dpi: f64) -> Vec<u8> {
    let opaque = pixmap.data().chunks_exact(4).all(|p| p[3] == 255);
    let (kind, data): (png::ColorType, Vec<u8>) = if opaque {
        (png::ColorType::Rgb, pixmap.data().chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect())
    } else {
        let plain = pixmap.pixels().iter().map(|p| p.demultiply());
        (png::ColorType::Rgba, plain.flat_map(|p| [p.red(), p.green(), p.blue(), p.alpha()]).collect())
    };
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixmap.width(), pixmap.height());
    encoder.set_color(kind);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let per_metre = (dpi / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: png::Unit::Meter }));
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&data));
    written.expect("writing to memory does not fail");
    bytes
}
