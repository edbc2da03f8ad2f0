//! The zoom of a photograph: plain arithmetic, in CSS pixels.

/// A point on the stage, measured from its middle.
#[derive(Clone, Copy, PartialEq, Default)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Point {
    pub(crate) fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    pub(crate) fn middle(self, other: Self) -> Self {
        Self { x: f64::midpoint(self.x, other.x), y: f64::midpoint(self.y, other.y) }
    }
}

/// How a photograph is shown: at `scale` times the size that fits, with its middle moved by `offset`.
#[derive(Clone, Copy, PartialEq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Zoom {
    pub(crate) scale: f64,
    pub(crate) offset: Point,
}

impl Zoom {
    /// The whole photograph.
    pub(crate) const WHOLE: Self = Self { scale: 1.0, offset: Point { x: 0.0, y: 0.0 } };
    /// Greatest scale: the largest photographs have no more detail.
    const NEAREST: f64 = 4.0;
    /// Scale after one tap, click or key.
    pub(crate) const STEP: f64 = 2.5;

    pub(crate) fn is_whole(self) -> bool {
        self.scale <= 1.0
    }

    /// The zoom at another scale; what is under `point` stays there.
    pub(crate) fn to_scale(self, scale: f64, point: Point) -> Self {
        let scale = bounded(scale, 1.0, Self::NEAREST);
        let ratio = scale / self.scale;
        Self {
            scale,
            offset: Point {
                x: point.x - (point.x - self.offset.x) * ratio,
                y: point.y - (point.y - self.offset.y) * ratio,
            },
        }
    }

    pub(crate) fn moved(self, by: Point) -> Self {
        let offset = Point { x: self.offset.x + by.x, y: self.offset.y + by.y };
        Self { offset, ..self }
    }

    /// Keeps the photograph over the stage: it can be moved only as far as it is larger than the stage.
    pub(crate) fn within(self, width: f64, height: f64) -> Self {
        let room = |side: f64| side * (self.scale - 1.0) / 2.0;
        let (x, y) = (room(width), room(height));
        Self {
            offset: Point { x: bounded(self.offset.x, -x, x), y: bounded(self.offset.y, -y, y) },
            ..self
        }
    }

    /// The value of the CSS property `transform`.
    pub(crate) fn transform(self) -> String {
        // Whole numbers: code to write fractions would be 6 kB for every visitor.
        let percent = (self.scale * 100.0).round() as i32;
        let (x, y) = (self.offset.x.round() as i32, self.offset.y.round() as i32);
        format!("translate({x}px,{y}px) scale({}.{:02})", percent / 100, percent % 100)
    }
}

/// `f64::clamp` can panic with the numbers in its message, and writing numbers with fractions
/// takes 6 kB of compressed code.
fn bounded(value: f64, least: f64, most: f64) -> f64 {
    value.min(most).max(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORNER: Point = Point { x: 100.0, y: -50.0 };

    /// Where a point of the photograph (measured in the whole photograph) is seen.
    fn seen(zoom: Zoom, of: Point) -> Point {
        Point { x: of.x * zoom.scale + zoom.offset.x, y: of.y * zoom.scale + zoom.offset.y }
    }

    #[test]
    fn what_is_under_the_finger_stays_there() {
        let near = Zoom::WHOLE.to_scale(2.5, CORNER);
        assert!(seen(near, CORNER).distance(CORNER) < 1e-9);
        // … and again from there, by another finger.
        let finger = Point { x: 10.0, y: 20.0 };
        let of = Point {
            x: (finger.x - near.offset.x) / near.scale,
            y: (finger.y - near.offset.y) / near.scale,
        };
        assert!(seen(near.to_scale(3.9, finger), of).distance(finger) < 1e-9);
    }

    #[test]
    fn the_scale_keeps_its_bounds() {
        assert_eq!(Zoom::WHOLE.to_scale(0.2, CORNER), Zoom::WHOLE);
        assert!((Zoom::WHOLE.to_scale(9.0, CORNER).scale - Zoom::NEAREST).abs() < 1e-9);
    }

    #[test]
    fn the_transform_is_css() {
        let zoom = Zoom { scale: 2.046, offset: Point { x: -3.4, y: 7.0 } };
        assert_eq!(zoom.transform(), "translate(-3px,7px) scale(2.05)");
    }

    #[test]
    fn the_photograph_covers_the_stage() {
        let far = Zoom::WHOLE
            .to_scale(2.0, Point::default())
            .moved(Point { x: 9e9, y: -9e9 })
            .within(300.0, 200.0);
        assert_eq!(far.offset, Point { x: 150.0, y: -100.0 });
        assert_eq!(Zoom::WHOLE.moved(CORNER).within(300.0, 200.0), Zoom::WHOLE);
    }
}
