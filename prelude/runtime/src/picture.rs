//! Pictures of the `image` crate as the value of a cell: they show themselves, as PIL's do. Nothing else about pictures.

use std::io::Cursor;

use image::{DynamicImage, EncodableLayout, ImageBuffer, ImageFormat, Pixel, PixelWithColorType};

use crate::frame::MimeBundle;
use crate::show::Rich;

fn bundle(written: image::ImageResult<()>, png: Cursor<Vec<u8>>, name: &str, size: (u32, u32)) -> MimeBundle {
    let plain = format!("<{name} size={}x{}>", size.0, size.1);
    let mut bundle: MimeBundle = Vec::new();
    if written.is_ok() {
        bundle.push(("image/png".into(), png.into_inner()));
    }
    bundle.push(("text/plain".into(), plain.into_bytes()));
    bundle
}

impl Rich for DynamicImage {
    fn mime_bundle(&self) -> MimeBundle {
        let mut png = Cursor::new(Vec::new());
        // PNG has no floating-point numbers.
        let written = match self {
            DynamicImage::ImageRgb32F(_) => self.to_rgb16().write_to(&mut png, ImageFormat::Png),
            DynamicImage::ImageRgba32F(_) => self.to_rgba16().write_to(&mut png, ImageFormat::Png),
            _ => self.write_to(&mut png, ImageFormat::Png),
        };
        bundle(written, png, "DynamicImage", (self.width(), self.height()))
    }
}

impl<P> Rich for ImageBuffer<P, Vec<P::Subpixel>>
where
    P: Pixel + PixelWithColorType,
    [P::Subpixel]: EncodableLayout,
{
    fn mime_bundle(&self) -> MimeBundle {
        let mut png = Cursor::new(Vec::new());
        let written = self.write_to(&mut png, ImageFormat::Png);
        bundle(written, png, "ImageBuffer", self.dimensions())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_show_as_png() {
        let picture = image::GrayImage::from_fn(3, 2, |x, y| image::Luma([(x + y) as u8]));
        let bundle = picture.mime_bundle();
        assert!(bundle[0].0 == "image/png" && bundle[0].1.starts_with(b"\x89PNG"));
        assert_eq!(bundle[1].1, b"<ImageBuffer size=3x2>");
        let float = DynamicImage::ImageRgb32F(image::ImageBuffer::new(2, 2));
        assert!(float.mime_bundle()[0].1.starts_with(b"\x89PNG"));
    }
}
