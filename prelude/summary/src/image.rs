//! Pictures in summaries: pixels to PNG files, and real numbers to pixels as TensorFlow maps them.

use png::{BitDepth, ColorType, Compression};

/// One picture's pixels, row by row: 1 (grey), 3 (RGB) or 4 (RGBA) bytes each.
#[derive(Clone, Debug, PartialEq)]
pub struct Pixels {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Bytes of a pixel.
    pub channels: usize,
    /// `height * width * channels` bytes.
    pub bytes: Vec<u8>,
}

impl Pixels {
    /// The picture as a PNG file. One without pixels gives no bytes, for PNG has none such.
    ///
    /// # Panics
    /// When the number of bytes is not `height * width * channels`.
    pub fn to_png(&self) -> Vec<u8> {
        assert_eq!(self.bytes.len(), self.height * self.width * self.channels, "a picture of other sizes");
        let mut file = Vec::new();
        if self.bytes.is_empty() {
            return file;
        }
        let mut encoder = png::Encoder::new(&mut file, self.width as u32, self.height as u32);
        encoder.set_color(match self.channels {
            1 => ColorType::Grayscale,
            3 => ColorType::Rgb,
            _ => ColorType::Rgba,
        });
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::Fast);
        let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&self.bytes));
        written.expect("writing to memory does not fail");
        file
    }
}

/// What TensorFlow 1 shows in the place of pixels that are not finite: red.
pub const BAD_COLOR: [u8; 4] = [255, 0, 0, 255];

/// Below this, a picture's values count as zero and are not stretched.
const ZERO: f32 = 1e-6;

/// TensorFlow 1's mapping of one picture: when no value is negative, the largest becomes 255; otherwise 0 becomes 128
/// and the value farthest from it 1 or 255. Pixels that are not finite get the bad colour.
pub fn normalize(values: &[f32], channels: usize, bad: [u8; 4]) -> Vec<u8> {
    let finite = |pixel: &[f32]| pixel.iter().all(|v| v.is_finite());
    let (mut min, mut max) = (f32::INFINITY, f32::NEG_INFINITY);
    for value in values.chunks_exact(channels).filter(|pixel| finite(pixel)).flatten() {
        min = min.min(*value);
        max = max.max(*value);
    }
    let (range, levels, offset) = if min < 0.0 { (min.abs().max(max.abs()), 127.0, 128.0) } else { (max, 255.0, 0.0) };
    let scale = if range < ZERO { 0.0 } else { levels / range };
    let mut bytes = Vec::with_capacity(values.len());
    for pixel in values.chunks_exact(channels) {
        match finite(pixel) {
            true => bytes.extend(pixel.iter().map(|v| (v * scale + offset) as u8)),
            false => bytes.extend_from_slice(&bad[..channels.min(4)]),
        }
    }
    bytes
}

/// TensorFlow 2's mapping: 0 to 1 becomes 0 to 255, whatever lies outside is cut off.
pub fn saturate(values: &[f32]) -> Vec<u8> {
    values.iter().map(|v| (v * 255.5) as u8).collect()
}
