//! Windows that slide over images `[batch, height, width, channels]`: where they lie, in Rust and in CUDA C.

/// Where the windows of a convolution or of pooling lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Windows {
    /// How many images there are.
    pub batch: usize,
    /// Height and width of an image.
    pub image: [usize; 2],
    /// The numbers of each pixel.
    pub channels: usize,
    /// Height and width of a window.
    pub window: [usize; 2],
    /// How far the window moves, down and to the right.
    pub stride: [usize; 2],
    /// How far the first window reaches beyond the image, above and to the left.
    pub before: [usize; 2],
    /// How many windows there are, one below and one beside the other.
    pub count: [usize; 2],
}

impl Windows {
    /// The windows on images of these sizes: with padding `SAME`, else `VALID`. `None` when not even one fits.
    ///
    /// ```
    /// use flowbook_cuda::kernels::Windows;
    /// let windows = Windows::new([8, 28, 28, 1], [5, 5], [2, 2], true).unwrap();
    /// assert_eq!((windows.count, windows.before), ([14, 14], [1, 1]));
    /// ```
    pub fn new(
        [batch, height, width, channels]: [usize; 4],
        window: [usize; 2],
        stride: [usize; 2],
        same: bool,
    ) -> Option<Windows> {
        let image = [height, width];
        let (mut before, mut count) = ([0; 2], [0; 2]);
        for axis in 0..2 {
            if same {
                count[axis] = image[axis].div_ceil(stride[axis]);
                let padded = (count[axis].max(1) - 1) * stride[axis] + window[axis];
                before[axis] = padded.saturating_sub(image[axis]) / 2;
            } else {
                count[axis] = image[axis].checked_sub(window[axis])? / stride[axis] + 1;
            }
        }
        Some(Windows { batch, image, channels, window, stride, before, count })
    }

    /// The elements of an image.
    pub fn image_len(&self) -> usize {
        self.image[0] * self.image[1] * self.channels
    }

    /// The number of windows on an image.
    pub fn windows(&self) -> usize {
        self.count[0] * self.count[1]
    }

    /// The number of elements under a window.
    pub fn under(&self) -> usize {
        self.window[0] * self.window[1] * self.channels
    }

    /// The names by which a text knows all these numbers but the batch's. They are constants, since what kernels over
    /// windows do most is divide by them.
    pub(super) fn names(&self) -> Vec<(&'static str, String)> {
        let axes = [self.image, self.window, self.stride, self.before, self.count];
        let values = axes.into_iter().flatten().chain([self.channels]);
        NAMES.into_iter().zip(values).map(|(name, value)| (name, format!("((I){value})"))).collect()
    }
}

const NAMES: [&str; 11] = [
    "HEIGHT",
    "WIDTH",
    "WINDOW_HEIGHT",
    "WINDOW_WIDTH",
    "STRIDE_Y",
    "STRIDE_X",
    "ABOVE",
    "LEFT",
    "DOWN",
    "RIGHT",
    "CHANNELS",
];
