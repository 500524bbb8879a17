//! Pictures that look the same: the same size, and no place where the eye would see a difference.

use data_encoding::BASE64;

use super::Difference;

/// Side of the squares that are compared by their mean difference, in pixels: about the size of a letter.
const BLOCK: usize = 16;

/// Two pictures that look different, as PNG files, and where they differ as a third.
#[derive(Debug, PartialEq)]
pub struct Pictures {
    /// As it was saved.
    pub saved: Vec<u8>,
    /// As it is now.
    pub new: Vec<u8>,
    /// Black where they are equal, bright where they are not; missing when their sizes differ.
    pub difference: Option<Vec<u8>>,
}

struct Picture {
    file: Vec<u8>,
    width: usize,
    height: usize,
    /// Three bytes for each pixel, on white.
    rgb: Vec<u8>,
}

/// The difference between two PNG files in base64; a square of pixels may differ by `unseen` of 255 in the mean.
pub(super) fn difference(saved: &str, new: &str, unseen: f64) -> Option<Difference> {
    if saved == new {
        return None;
    }
    let (saved, new) = match (decode(saved), decode(new)) {
        (Ok(saved), Ok(new)) => (saved, new),
        (Err(reason), _) => return Some(Difference::new(format!("the saved picture cannot be read: {reason}"))),
        (_, Err(reason)) => return Some(Difference::new(format!("the new picture cannot be read: {reason}"))),
    };
    if (saved.width, saved.height) != (new.width, new.height) {
        let what = format!("{}x{} pixels instead of {}x{}", new.width, new.height, saved.width, saved.height);
        return Some(Difference { pictures: Some(both(saved, new)), ..Difference::new(what) });
    }
    for top in (0..saved.height).step_by(BLOCK) {
        for left in (0..saved.width).step_by(BLOCK) {
            let mean = block(&saved, &new, left, top);
            if mean > unseen {
                let what = format!("the picture differs around ({left}, {top}) by {mean:.0} of 255");
                return Some(Difference { pictures: Some(both(saved, new)), ..Difference::new(what) });
            }
        }
    }
    None
}

fn both(saved: Picture, new: Picture) -> Pictures {
    let difference = (saved.rgb.len() == new.rgb.len()).then(|| {
        let rgb: Vec<u8> = saved.rgb.iter().zip(&new.rgb).map(|(a, b)| a.abs_diff(*b)).collect();
        encode(&rgb, saved.width, saved.height)
    });
    Pictures { saved: saved.file, new: new.file, difference: difference.and_then(Result::ok) }
}

fn encode(rgb: &[u8], width: usize, height: usize) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(rgb)?;
    Ok(file)
}

fn block(a: &Picture, b: &Picture, left: usize, top: usize) -> f64 {
    let (right, bottom) = ((left + BLOCK).min(a.width), (top + BLOCK).min(a.height));
    let mut sum = 0.0;
    for y in top..bottom {
        let row = 3 * (y * a.width + left)..3 * (y * a.width + right);
        sum += a.rgb[row.clone()].iter().zip(&b.rgb[row]).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>();
    }
    // A narrow square at the edge weighs as much as a whole one, or one pixel there would fail it.
    sum / (3 * BLOCK * BLOCK) as f64
}

fn decode(base64: &str) -> Result<Picture, String> {
    let text: String = base64.split_whitespace().collect();
    let file = BASE64.decode(text.as_bytes()).map_err(|e| e.to_string())?;
    let mut decoder = png::Decoder::new(std::io::Cursor::new(&file));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|e| e.to_string())?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or("it is too large")?];
    let info = reader.next_frame(&mut pixels).map_err(|e| e.to_string())?;
    let channels = info.color_type.samples();
    let rgb = pixels[..info.buffer_size()].chunks_exact(channels).flat_map(on_white).collect();
    drop(reader);
    Ok(Picture { file, width: info.width as usize, height: info.height as usize, rgb })
}

fn on_white(pixel: &[u8]) -> [u8; 3] {
    let (colour, alpha) = match *pixel {
        [grey] => ([grey; 3], 255),
        [grey, alpha] => ([grey; 3], alpha),
        [r, g, b] => ([r, g, b], 255),
        [r, g, b, alpha, ..] => ([r, g, b], alpha),
        [] => ([255; 3], 255),
    };
    colour.map(|c| ((u32::from(c) * u32::from(alpha) + 255 * (255 - u32::from(alpha))) / 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A white picture with black at the pixels that `ink` names.
    fn drawn(size: u32, ink: impl Fn(u32, u32) -> bool) -> String {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, size, size);
        encoder.set_color(png::ColorType::Grayscale);
        let pixels: Vec<u8> = (0..size * size).map(|i| if ink(i % size, i / size) { 0 } else { 255 }).collect();
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        BASE64.encode(&bytes)
    }

    #[test]
    fn a_few_pixels_are_not_seen_and_a_letter_is() {
        let line = drawn(64, |_, y| y == 20);
        assert_eq!(difference(&line, &drawn(64, |_, y| y == 20), 20.0), None);
        assert_eq!(difference(&line, &drawn(64, |x, y| y == 20 || (x < 4 && y < 4)), 20.0), None);
        assert!(difference(&line, &drawn(64, |x, y| y == 20 || (x < 4 && y < 4)), 5.0).is_some());
        let letter = drawn(64, |x, y| y == 20 || ((34..42).contains(&x) && (36..46).contains(&y)));
        let found = difference(&line, &letter, 20.0).unwrap();
        assert!(found.what.contains("(32, 32)"), "{}", found.what);
        let pictures = found.pictures.unwrap();
        let inked = decode(&BASE64.encode(&pictures.difference.unwrap())).unwrap();
        // The letter is 8 x 10 pixels of full difference in three channels.
        assert_eq!(inked.rgb.iter().filter(|v| **v == 255).count(), 3 * 8 * 10);
    }

    #[test]
    fn sizes_and_damage_are_named() {
        let (small, large) = (drawn(8, |_, _| false), drawn(9, |_, _| false));
        assert_eq!(difference(&small, &large, 20.0).unwrap().what, "9x9 pixels instead of 8x8");
        assert!(difference("AAAA", &small, 20.0).unwrap().what.contains("saved picture cannot be read"));
    }
}
