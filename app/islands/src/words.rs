//! How sentences travel from the server to an island.
//!
//! An island's properties would travel as JSON, and reading JSON costs every visitor 7 kB of
//! compressed WebAssembly. Sentences are all that our islands need, so they travel as the lines
//! of one attribute instead.

/// Sentences that an island finds in the page.
pub(crate) trait Words: Sized {
    /// Reads what [`joined`](Self::joined) wrote; `None` when the number of lines is another.
    fn split(text: &str) -> Option<Self>;

    /// One line per sentence.
    fn joined(&self) -> String;

    /// From the attribute `data-words` of an element.
    fn of(holder: &web_sys::Element) -> Option<Self> {
        Self::split(&holder.get_attribute("data-words")?)
    }
}

/// Declares a struct whose fields are all sentences.
macro_rules! sentences {
    (
        $(#[$of_struct:meta])*
        pub struct $name:ident { $($(#[$of_field:meta])* $field:ident,)+ }
    ) => {
        $(#[$of_struct])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $($(#[$of_field])* pub $field: String,)+
        }

        impl $crate::words::Words for $name {
            fn split(text: &str) -> Option<Self> {
                let mut lines = text.split('\n').map(str::to_owned);
                let words = Self { $($field: lines.next()?,)+ };
                lines.next().is_none().then_some(words)
            }

            fn joined(&self) -> String {
                // A line break inside a sentence would shift all that follow.
                [$(self.$field.replace('\n', " "),)+].join("\n")
            }
        }
    };
}
pub(crate) use sentences;

#[cfg(test)]
mod tests {
    use super::Words;

    sentences! {
        /// Two sentences.
        pub struct Two {
            /// The first.
            first,
            /// The second.
            second,
        }
    }

    #[test]
    fn what_is_joined_can_be_split() {
        let two = Two { first: "«Cerrar»".into(), second: String::new() };
        assert_eq!(Two::split(&two.joined()), Some(two));
    }

    #[test]
    fn a_line_break_shifts_nothing() {
        let two = Two { first: "a\nb".into(), second: "c".into() };
        let read = Two::split(&two.joined());
        assert_eq!(read.map(|two| two.second), Some("c".into()));
    }

    #[test]
    fn too_few_and_too_many_are_refused() {
        assert_eq!(Two::split("a"), None);
        assert_eq!(Two::split("a\nb\nc"), None);
    }
}
