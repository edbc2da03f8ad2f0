//! The viewer: a `<dialog>` that is only made in the browser.

use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent};
use leptos::{html, prelude::*};
use web_sys::wasm_bindgen::JsCast;

use super::zoom::{Point, Zoom};
use super::{GalleryWords, Photo};

/// A press that moves further than this, in CSS pixels, is a drag and no tap.
const TAP: f64 = 8.0;
/// A drag of at least this length over a whole photograph shows the next one, in CSS pixels.
const SWIPE: f64 = 60.0;

/// Fingers, or the mouse, on the stage.
#[derive(Default)]
struct Touch {
    /// Pointer id and where it is now. A third finger is ignored.
    fingers: Vec<(i32, Point)>,
    /// Where the first finger touched; `None` when the gesture can no longer be a tap or a swipe.
    start: Option<Point>,
}

#[component]
pub(super) fn Viewer(
    words: GalleryWords,
    /// The photograph that is shown; `None` closes the viewer.
    open: RwSignal<Option<usize>>,
    photos: Vec<Photo>,
) -> impl IntoView {
    let total = photos.len();
    let photos = StoredValue::new_local(photos);
    let zoom = RwSignal::new(Zoom::WHOLE);
    let dialog = NodeRef::<html::Dialog>::new();
    let stage = NodeRef::<html::Div>::new();

    let turn = move |step: isize| {
        zoom.set(Zoom::WHOLE);
        open.update(|index| *index = index.map(|index| turned(index, step, total)));
    };
    let toggle = move |at: Point| {
        zoom.update(|zoom| {
            *zoom = if zoom.is_whole() { zoom.to_scale(Zoom::STEP, at) } else { Zoom::WHOLE }
        });
    };
    let on_key = move |key: KeyboardEvent| match key.key().as_str() {
        "ArrowLeft" => turn(-1),
        "ArrowRight" => turn(1),
        "+" => zoom.update(|zoom| *zoom = zoom.to_scale(Zoom::STEP, Point::default())),
        "-" => zoom.set(Zoom::WHOLE),
        _ => {}
    };
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close(); // gives the focus back to the link; then comes the close event
        }
    };

    Effect::new(move || {
        if let Some(dialog) = dialog.get() {
            let _ = dialog.show_modal(); // refused only when it is open already
        }
    });
    Effect::new(move || {
        if let (Some(stage), Some(index)) = (stage.get(), open.get()) {
            photos.with_value(|photos| hang(&stage, &photos[index]));
        }
    });
    Effect::new(move || {
        let zoom = zoom.get();
        if let Some(photo) = stage.get().and_then(|stage| stage.first_element_child()) {
            place(&photo, zoom);
        }
    });

    let position = {
        let template = words.position;
        move || {
            let n = open.get().map_or(0, |index| index + 1);
            template.replace("{n}", &n.to_string()).replace("{total}", &total.to_string())
        }
    };
    let caption = move || {
        let index = open.get();
        index.map(|index| photos.with_value(|photos| photos[index].alt.clone())).unwrap_or_default()
    };
    let magnify = {
        let (nearer, farther) = (words.zoom_in, words.zoom_out);
        move || {
            if zoom.with(|zoom| zoom.is_whole()) { nearer.clone() } else { farther.clone() }
        }
    };

    view! {
        <dialog
            class="viewer"
            aria-label=words.title
            node_ref=dialog
            on:close=move |_| open.set(None)
            on:keydown=on_key
        >
            <div class="viewer-bar">
                <p aria-live="polite" prop:textContent=position></p>
                {(total > 1).then(|| view! {
                    <button type="button" on:click=move |_| turn(-1) aria-label=words.previous>"←"</button>
                    <button type="button" on:click=move |_| turn(1) aria-label=words.next>"→"</button>
                })}
                <button
                    type="button"
                    translate="no"
                    on:click=move |_| toggle(Point::default())
                    aria-label=magnify
                    prop:textContent=move || if zoom.with(|zoom| zoom.is_whole()) { "+" } else { "−" }
                ></button>
                <button type="button" on:click=move |_: MouseEvent| close() aria-label=words.close>"×"</button>
            </div>
            <Stage stage zoom on_tap=toggle on_swipe=turn/>
            <p class="viewer-caption" prop:textContent=caption></p>
        </dialog>
    }
}

/// The stage with the photograph, and the gestures on it.
#[component]
fn Stage(
    stage: NodeRef<html::Div>,
    zoom: RwSignal<Zoom>,
    on_tap: impl Fn(Point) + 'static,
    on_swipe: impl Fn(isize) + 'static,
) -> impl IntoView {
    let touch = StoredValue::new(Touch::default());
    let size = move || {
        stage.get_untracked().map_or((1.0, 1.0), |stage| {
            (f64::from(stage.client_width()), f64::from(stage.client_height()))
        })
    };

    let down = move |event: PointerEvent| {
        let Some(at) = point(&event) else { return };
        event.prevent_default(); // no native drag of the picture
        if let Some(stage) = stage.get_untracked() {
            let _ = stage.set_pointer_capture(event.pointer_id());
        }
        touch.update_value(|touch| {
            touch.start = touch.fingers.is_empty().then_some(at);
            if touch.fingers.len() < 2 {
                touch.fingers.push((event.pointer_id(), at));
            }
        });
    };
    let moving = move |event: PointerEvent| {
        let Some(at) = point(&event) else { return };
        let (width, height) = size();
        touch.update_value(|touch| {
            if let Some(change) = touch.moved(event.pointer_id(), at) {
                zoom.update(|zoom| *zoom = change(*zoom).within(width, height));
            }
        });
    };
    let up = move |event: PointerEvent| {
        let Some(at) = point(&event) else { return };
        let start = touch
            .try_update_value(|touch| {
                touch.fingers.retain(|(id, _)| *id != event.pointer_id());
                touch.start.take()
            })
            .flatten();
        let Some(start) = start else { return };
        if start.distance(at) < TAP {
            on_tap(at);
        } else if zoom.with_untracked(|zoom| zoom.is_whole()) && (at.x - start.x).abs() > SWIPE {
            on_swipe(if at.x < start.x { 1 } else { -1 });
        }
    };

    view! {
        <div
            class="viewer-stage"
            node_ref=stage
            on:pointerdown=down
            on:pointermove=moving
            on:pointerup=up
            on:pointercancel=move |event: PointerEvent| {
                touch.update_value(|touch| {
                    touch.start = None;
                    touch.fingers.retain(|(id, _)| *id != event.pointer_id());
                });
            }
        ></div>
    }
}

impl Touch {
    /// A finger moved to `at`: the change of the zoom, or `None` for a finger that is ignored.
    fn moved(&mut self, id: i32, at: Point) -> Option<impl Fn(Zoom) -> Zoom + use<>> {
        let index = self.fingers.iter().position(|(finger, _)| *finger == id)?;
        let before = self.fingers[index].1;
        let other = self.fingers.get(1 - index).map(|(_, point)| *point);
        self.fingers[index].1 = at;
        Some(move |zoom: Zoom| match other {
            Some(other) => {
                let (was, is) = (before.middle(other), at.middle(other));
                let ratio = at.distance(other) / before.distance(other).max(1.0);
                zoom.to_scale(zoom.scale * ratio, was)
                    .moved(Point { x: is.x - was.x, y: is.y - was.y })
            }
            None => zoom.moved(Point { x: at.x - before.x, y: at.y - before.y }),
        })
    }
}

/// The index of the next or previous photograph; the first follows the last.
fn turned(index: usize, step: isize, total: usize) -> usize {
    index.checked_add_signed(step).map_or(total.saturating_sub(1), |next| next % total.max(1))
}

/// The position of an event, measured from the middle of the stage.
fn point(event: &PointerEvent) -> Option<Point> {
    let stage = event.current_target()?.dyn_into::<web_sys::Element>().ok()?;
    let place = stage.get_bounding_client_rect();
    Some(Point {
        x: f64::from(event.client_x()) - place.left() - place.width() / 2.0,
        y: f64::from(event.client_y()) - place.top() - place.height() / 2.0,
    })
}

/// Puts a copy of the page's picture on the stage.
fn hang(stage: &web_sys::HtmlElement, photo: &Photo) {
    let picture = photo.link.query_selector("picture, img").ok().flatten();
    let copy = picture.and_then(|picture| {
        let copy = picture.clone_node_with_deep(true).ok()?;
        copy.dyn_into::<web_sys::Element>().ok()
    });
    stage.set_text_content(None);
    let Some(copy) = copy else { return };
    copy.set_class_name("viewer-photo");
    ask_for_width(&copy, "100vmin");
    let _ = stage.append_child(&copy);
}

fn place(photo: &web_sys::Element, zoom: Zoom) {
    if let Some(photo) = photo.dyn_ref::<web_sys::HtmlElement>() {
        let _ = photo.style().set_property("transform", &zoom.transform());
    }
    // The larger file is loaded only when the visitor zooms in.
    if !zoom.is_whole() {
        ask_for_width(photo, "250vmin");
    }
}

/// Sets `sizes` on the parts of a `<picture>`, or on an `<img>`. The browser then loads the width that
/// fits, in the best format that it supports.
fn ask_for_width(photo: &web_sys::Element, sizes: &str) {
    let _ = photo.set_attribute("sizes", sizes);
    let Ok(parts) = photo.query_selector_all("source, img") else {
        return;
    };
    for part in (0..parts.length()).filter_map(|index| parts.get(index)) {
        if let Ok(part) = part.dyn_into::<web_sys::Element>() {
            let _ = part.set_attribute("sizes", sizes);
            let _ = part.remove_attribute("loading");
            let _ = part.remove_attribute("class");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_photograph_is_followed_by_the_first() {
        assert_eq!(turned(2, 1, 3), 0);
        assert_eq!(turned(0, -1, 3), 2);
        assert_eq!(turned(1, 1, 3), 2);
    }

    #[test]
    fn moving_two_fingers_apart_zooms_in() {
        let left = Point { x: -50.0, y: 0.0 };
        let right = Point { x: 50.0, y: 0.0 };
        let mut touch = Touch { fingers: vec![(1, left), (2, right)], start: None };
        let change = touch.moved(2, Point { x: 150.0, y: 0.0 });
        let zoom = change.map(|change| change(Zoom::WHOLE));
        assert_eq!(zoom.map(|zoom| zoom.scale), Some(2.0));
        assert!(touch.moved(3, left).is_none());
    }
}
