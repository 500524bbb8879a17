//! Pictures as data for `imshow`: types of the `image` crate, files, and stacks of pictures drawn as a grid.

use std::path::Path;

use image::{DynamicImage, ImageBuffer, Pixel, Primitive};
use ndarray::{ArrayBase, Data, Dimension};

use crate::axes_api::Axes;
use crate::handles::edit_figure;
use crate::pyplot::figure;
use crate::series::{Element, Image, Pixels};

impl<P> Image for ImageBuffer<P, Vec<P::Subpixel>>
where
    P: Pixel,
    P::Subpixel: Primitive,
{
    fn pixels(&self) -> Pixels {
        let (width, height) = (self.width() as usize, self.height() as usize);
        // Colours count from 0 to 1, levels of grey as the numbers they are.
        let most = <P::Subpixel as Primitive>::DEFAULT_MAX_VALUE;
        let most = num(most);
        let whole = most > 1.0;
        let channels = P::CHANNEL_COUNT as usize;
        let values: Vec<f64> = self.as_raw().iter().map(|v| num(*v)).collect();
        let in_bytes = |v: f64| if whole { v / most * 255.0 } else { v };
        let pixel = |p: &[f64]| -> Vec<f64> {
            match p {
                [l] => vec![*l],
                [l, a] => vec![in_bytes(*l), in_bytes(*l), in_bytes(*l), in_bytes(*a)],
                _ => p.iter().map(|v| in_bytes(*v)).collect(),
            }
        };
        let shown = if channels == 2 { 4 } else { channels };
        let values = values.chunks_exact(channels).flat_map(pixel).collect();
        Pixels::new(values, &[height, width, shown], whole)
    }
}

fn num<T: Primitive>(v: T) -> f64 {
    v.to_f64().unwrap_or(f64::NAN)
}

impl Image for DynamicImage {
    fn pixels(&self) -> Pixels {
        match self {
            DynamicImage::ImageLuma8(picture) => picture.pixels_of(),
            DynamicImage::ImageLuma16(picture) => picture.pixels_of(),
            DynamicImage::ImageRgb32F(picture) => picture.pixels_of(),
            DynamicImage::ImageRgba32F(picture) => picture.pixels_of(),
            _ => self.to_rgba8().pixels_of(),
        }
    }
}

/// The trait's method under another name: the pictures have one called `pixels` of their own.
trait PixelsOf: Image {
    fn pixels_of(&self) -> Pixels {
        Image::pixels(self)
    }
}

impl<I: Image> PixelsOf for I {}

/// Reads a PNG or JPEG file: `plt.imread`. The picture goes to [`imshow`](crate::imshow).
///
/// # Errors
/// When the file cannot be read or is no picture.
pub fn imread(path: impl AsRef<Path>) -> image::ImageResult<DynamicImage> {
    image::open(path)
}

/// Several pictures of the same kind: `Vec`s and arrays of pictures, ndarrays `[n, h, w]` or `[n, h, w, channels]`.
pub trait Images {
    /// The pictures, at most `most` of them.
    fn images(&self, most: usize) -> Vec<Pixels>;
}

impl<I: Images + ?Sized> Images for &I {
    fn images(&self, most: usize) -> Vec<Pixels> {
        (**self).images(most)
    }
}

impl<I: Image> Images for Vec<I> {
    fn images(&self, most: usize) -> Vec<Pixels> {
        self.iter().take(most).map(Image::pixels).collect()
    }
}

impl<I: Image, const N: usize> Images for [I; N] {
    fn images(&self, most: usize) -> Vec<Pixels> {
        self.iter().take(most).map(Image::pixels).collect()
    }
}

impl<T: Element + 'static, S: Data<Elem = T>, D: Dimension> Images for ArrayBase<S, D> {
    fn images(&self, most: usize) -> Vec<Pixels> {
        stack(self.iter().map(Element::number), self.shape(), crate::series::whole::<T>(), most)
    }
}

/// The first `most` pictures of values in `shape`: `[n, h, w]`, `[n, h, w, channels]`, or `[n, pixels]` of squares.
///
/// # Panics
/// `TypeError` for any other shape.
#[track_caller]
pub fn stack(values: impl Iterator<Item = f64>, shape: &[usize], integers: bool, most: usize) -> Vec<Pixels> {
    let one: Vec<usize> = match *shape {
        [_, h, w] => vec![h, w],
        [_, h, w, channels] => vec![h, w, channels],
        [_, pixels] if pixels > 0 && pixels.isqrt().pow(2) == pixels => vec![pixels.isqrt(); 2],
        _ => panic!("TypeError: Invalid shape {} for a stack of images", crate::series::python_tuple(shape)),
    };
    let (n, size) = (shape[0].min(most), one.iter().product::<usize>());
    let values: Vec<f64> = values.take(n * size).collect();
    values.chunks_exact(size.max(1)).map(|v| Pixels::new(v.to_vec(), &one, integers)).collect()
}

/// Draws the first pictures of a stack in a grid, black on white and without ticks: a look at MNIST is
/// `plt::imshow_grid(&x_train, 5, 5)`. Opens a figure; returns the axes row by row, to be given titles.
///
/// ```
/// use flowbook_plot as plt;
/// let digits = ndarray::Array3::<u8>::zeros((100, 28, 28));
/// let axes = plt::imshow_grid(&digits, 2, 3);
/// axes[0].set_title("a zero");
/// # plt::close();
/// ```
///
/// # Panics
/// `TypeError` when the data are no pictures.
#[track_caller]
pub fn imshow_grid(images: impl Images, rows: usize, columns: usize) -> Vec<Axes> {
    let figure = figure();
    edit_figure(figure.id, |figure| {
        figure.size = (1.1 * columns.max(1) as f64, 1.1 * rows.max(1) as f64);
        let m = &mut figure.margins;
        (m.left, m.right, m.bottom, m.top, m.wspace, m.hspace) = (0.01, 0.99, 0.01, 0.99, 0.08, 0.08);
    });
    let pictures = images.images(rows * columns);
    let draw = |(k, picture): (usize, Pixels)| {
        let ax = figure.add_subplot(rows, columns, k + 1);
        ax.imshow(picture).cmap("binary");
        ax.set_xticks(());
        ax.set_yticks(());
        ax
    };
    pictures.into_iter().enumerate().map(draw).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_of_the_image_crate() {
        let rgb = image::RgbImage::from_fn(3, 2, |x, y| image::Rgb([x as u8, y as u8, 7]));
        let pixels = rgb.pixels_of();
        assert_eq!((pixels.height, pixels.width, pixels.channels, pixels.integers), (2, 3, 3, true));
        assert_eq!(pixels.values[15..], [2.0, 1.0, 7.0]);
        let grey = DynamicImage::ImageLuma8(image::GrayImage::from_pixel(4, 1, image::Luma([9])));
        assert_eq!((grey.pixels_of().channels, grey.pixels_of().values), (1, vec![9.0; 4]));
        // 16 bits count as 8.
        let deep = image::ImageBuffer::<image::Rgb<u16>, Vec<u16>>::from_pixel(1, 1, image::Rgb([65535, 0, 257]));
        assert_eq!(deep.pixels_of().values, [255.0, 0.0, 1.0]);
    }

    #[test]
    fn stacks_are_cut_into_pictures() {
        let digits = ndarray::Array2::<f32>::zeros((10, 784));
        let pictures = digits.images(3);
        assert_eq!((pictures.len(), pictures[0].height, pictures[0].width), (3, 28, 28));
    }
}
