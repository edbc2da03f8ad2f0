//! Measures a ring on the screen.

mod reading;

use leptos::html;
use leptos::prelude::*;
use web_sys::wasm_bindgen::JsCast;

use crate::words::{Words, sentences};
use reading::{CARD, COIN, Part, Reading, Reference, scaled_px};

sentences! {
    /// The sentences of the [`RingSizer`], in the visitor's language.
    pub struct RingSizerWords {
        /// What to do first: "Pon la moneda o la tarjeta sobre el dibujo y cámbialo hasta que calcen."
        calibrate,
        /// "Moneda de un sol".
        coin,
        /// "Tarjeta de banco".
        card,
        /// Name of the first slider: "Tamaño del dibujo".
        scale,
        /// What to do next: "Pon un anillo que te quede bien sobre el círculo."
        measure,
        /// Name of the second slider: "Tamaño del círculo".
        circle,
        /// The size, with a placeholder: "Tu talla: {mm} mm por dentro".
        size,
        /// The other scales: "Aproximadamente EE. UU. {us}, Reino Unido {uk}, España {es}".
        others,
        /// What separates decimals: "," or ".".
        decimal,
        /// "Ver anillos de esta talla".
        rings,
        /// Where `rings` leads, with a placeholder for whole millimetres:
        /// `/es/piezas?talla={whole}`.
        rings_url,
    }
}

/// Draws a coin or a bank card to set the scale of the screen, then a circle to lay a ring on.
///
/// Its children come from the server and are shown before it: how to measure with a strip of paper, and
/// the table of sizes. Without JavaScript there is nothing else.
///
/// What it renders after the children: `<div class="ring-sizer">` with two `<fieldset>`s, each
/// with an `<svg class="ring-sizer-drawing">` and a slider, and an `<output>`.
#[component]
pub fn RingSizer(
    /// The sentences.
    words: RingSizerWords,
    /// What helps without JavaScript.
    children: Children,
) -> impl IntoView {
    view! {
        <RingSizerIsland>
            <template data-words=words.joined()></template>
            {children()}
        </RingSizerIsland>
    }
}

/// The part of the [`RingSizer`] that runs in the browser, and only there.
#[island]
fn RingSizerIsland(children: Children) -> impl IntoView {
    let words = RwSignal::new(None::<RingSizerWords>);
    let place = NodeRef::<html::Div>::new();
    // Effects run in the browser only, after hydration; the server renders an empty element.
    Effect::new(move || {
        let island = place.get().and_then(|place| place.closest("leptos-island").ok()?);
        let holder = island.and_then(|island| island.query_selector("[data-words]").ok()?);
        words.set(holder.and_then(|holder| Words::of(&holder)));
    });
    view! {
        {children()}
        // The empty element cannot be touched, so `boot.js` starts it when it becomes visible.
        <div class="ring-sizer" data-start="seen" node_ref=place>
            {move || words.get().map(|words| view! { <Tool words/> })}
        </div>
    }
}

#[component]
fn Tool(words: RingSizerWords) -> impl IntoView {
    let reference = RwSignal::new(COIN);
    let scale = RwSignal::new(reading::likely_scale(viewport_width_px()));
    let diameter_tenths_mm = RwSignal::new(reading::DIAMETER_START_TENTHS_MM);
    let reading = Memo::new(move |_| Reading::of_diameter(diameter_tenths_mm.get()));

    let RingSizerWords {
        calibrate,
        coin,
        card,
        measure,
        size,
        others,
        rings,
        rings_url,
        decimal,
        ..
    } = words;
    let decimal = StoredValue::new(decimal);
    let url = move || {
        reading.with(|reading| decimal.with_value(|decimal| reading.fill(&rings_url, decimal)))
    };
    view! {
        <fieldset>
            <legend>{calibrate}</legend>
            <Choice label=coin of=COIN reference/>
            <Choice label=card of=CARD reference/>
            {move || outline(reference.get(), scale.get())}
            <Slider label=words.scale value=scale bounds=reading::SCALE_BOUNDS/>
        </fieldset>
        <fieldset>
            <legend>{measure}</legend>
            {move || circle(diameter_tenths_mm, scale.get())}
            <Slider label=words.circle value=diameter_tenths_mm bounds=reading::DIAMETER_BOUNDS/>
        </fieldset>
        <output>
            <strong>{sentence(&size, reading, decimal)}</strong>
            <span>{sentence(&others, reading, decimal)}</span>
        </output>
        <a href=url>{rings}</a>
    }
}

/// A sentence about the reading. Its words never change. Each value is the whole text of an element of
/// its own, because page translators replace text nodes.
fn sentence(
    sentence: &str,
    reading: Memo<Reading>,
    decimal: StoredValue<String>,
) -> impl IntoView + use<> {
    let parts = reading::parts(sentence).into_iter().map(|part| {
        let is_value = matches!(part, Part::Value(_));
        let text = move || {
            reading.with(|reading| decimal.with_value(|decimal| reading.text(&part, decimal)))
        };
        view! { <span translate=is_value.then_some("no") prop:textContent=text></span> }
    });
    parts.collect_view()
}

#[component]
fn Choice(label: String, of: Reference, reference: RwSignal<Reference>) -> impl IntoView {
    view! {
        <label>
            <input
                type="radio"
                name="ring-sizer-reference"
                prop:checked=move || reference.get() == of
                on:change=move |_| reference.set(of)
            />
            {label}
        </label>
    }
}

#[component]
fn Slider(label: String, value: RwSignal<u32>, bounds: (u32, u32)) -> impl IntoView {
    let input = move |event: web_sys::Event| {
        let slider =
            event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(number) = slider.and_then(|slider| slider.value().parse().ok()) {
            value.set(number);
        }
    };
    view! {
        <label class="ring-sizer-slider">
            {label}
            <input
                type="range"
                min=bounds.0
                max=bounds.1
                prop:value=move || value.get().to_string()
                on:input=input
            />
        </label>
    }
}

/// The outline of the reference object, at its true size if the scale is right.
fn outline(reference: Reference, scale: u32) -> impl IntoView {
    let Reference { width_tenths_mm: width, height_tenths_mm: height, radius_tenths_mm: radius } =
        reference;
    view! {
        <svg
            class="ring-sizer-drawing"
            aria-hidden="true"
            width=scaled_px(width, scale)
            height=scaled_px(height, scale)
            viewBox=format!("0 0 {width} {height}")
        >
            <rect x="2" y="2" width=width - 4 height=height - 4 rx=radius/>
        </svg>
    }
}

/// The circle that a ring is laid on: its edge is the ring's inner edge.
fn circle(diameter_tenths_mm: RwSignal<u32>, scale: u32) -> impl IntoView {
    let room = reading::DIAMETER_BOUNDS.1 + 20;
    view! {
        <svg
            class="ring-sizer-drawing"
            aria-hidden="true"
            width=scaled_px(room, scale)
            height=scaled_px(room, scale)
            viewBox=format!("0 0 {} {}", 2 * room, 2 * room)
        >
            // Two units are a tenth of a millimetre, so the radius is the diameter's number.
            <circle cx=room cy=room r=move || diameter_tenths_mm.get()/>
        </svg>
    }
}

fn viewport_width_px() -> u32 {
    let width = window().inner_width().ok().and_then(|width| width.as_f64());
    width.map_or(1280, |width| width as u32)
}
